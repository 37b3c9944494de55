"""What the environment says is checked before any work, be it needed or not."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from pytest_ragft import options
from pytest_ragft.cli import main
from pytest_ragft.errors import RagftError
from pytest_ragft.gating.environment import check_environment


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"RAGFT_JUDGE_PRICES": "free"}, "0.15/0.60"),
        ({"RAGFT_JUDGE_PRICES": f"{'9' * 400}/1"}, "0.15/0.60"),
        ({"RAGFT_JUDGE_TIMEOUT": "soon"}, "'soon'"),
        ({"RAGFT_JUDGE_CONCURRENCY": "0"}, "whole number from 1"),
        ({"RAGFT_JUDGE_MAX_TOKENS": "9" * 5000}, "whole number from 1"),
        ({"RAGFT_EMBEDDINGS_TIMEOUT": "-1"}, "RAGFT_EMBEDDINGS_TIMEOUT"),
        ({"RAGFT_EMBEDDINGS_CONCURRENCY": "1.5"}, "RAGFT_EMBEDDINGS_CONCURRENCY"),
        ({"RAGFT_JUDGE_API_KEY": "hush\nhush"}, "copy it again"),
        ({"RAGFT_ES_USER": "me"}, "RAGFT_ES_PASSWORD is not"),
        ({"RAGFT_ES_API_KEY": "hush", "RAGFT_ES_PASSWORD": "hush"}, "both set"),
    ],
)
def test_an_unusable_variable_is_refused(
    variables: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RagftError) as caught:
        check_environment(variables)
    assert told in str(caught.value)
    assert "hush" not in str(caught.value)
    assert len(str(caught.value)) < 300
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["judge", "no-such-file.jsonl"]) == 1
    assert told in capsys.readouterr().err


def test_what_is_usable_or_blank_passes() -> None:
    check_environment({"RAGFT_JUDGE_PRICES": "1/2", "RAGFT_JUDGE_TIMEOUT": "", "HOME": "x"})


@pytest.mark.parametrize("name", ["", "../x", "a/b", "/etc/x", "a b", "x\n"])
def test_a_saved_baseline_has_a_name_that_it_could_be_saved_under(name: str) -> None:
    parse = {option.dest: option.parse for option in options.ALL_OPTIONS}
    for dest, value in (("ragft_baseline", f"saved:{name}"), ("ragft_save_baseline", name)):
        with pytest.raises((ValueError, ArgumentTypeError), match=r"name consists|not be empty"):
            parse[dest](value)
    assert parse["ragft_baseline"]("saved:v1.2") == "saved:v1.2"
    assert parse["ragft_baseline"]("org/name") == "org/name"
