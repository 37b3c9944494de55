from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from pytest_ragft.errors import SpecError
from pytest_ragft.generation import adapter
from pytest_ragft.generation.adapter import check_base, find_base, read_adapter
from pytest_ragft.models.identity import weights_fingerprint
from tests.tiny import copy_of, rewrite, tiny_folder

pytestmark = pytest.mark.newest

WEIGHTS = "adapter_model.safetensors"


def edit_config(folder: Path, **changes: Any) -> Path:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


def edit_weights(folder: Path, change: Callable[[str, torch.Tensor], torch.Tensor]) -> Path:
    tensors = load_file(folder / WEIGHTS)
    save_file({name: change(name, t).contiguous() for name, t in tensors.items()}, folder / WEIGHTS)
    return folder


def test_a_trained_adapter_of_this_base_is_accepted_without_notes() -> None:
    base = tiny_folder() / "model"
    alive = read_adapter(tiny_folder() / "alive")
    assert check_base(alive, base, weights_fingerprint(base)) == ()


def test_an_adapter_of_another_base_is_refused_with_both_fingerprints() -> None:
    other = tiny_folder() / "other-model"
    ours, theirs = (weights_fingerprint(tiny_folder() / n) for n in ("model", "other-model"))
    with pytest.raises(SpecError, match="--ragft-base=PATH") as caught:
        check_base(read_adapter(tiny_folder() / "alive"), other, theirs)
    assert ours in str(caught.value)
    assert theirs in str(caught.value)


def test_without_a_fingerprint_the_base_is_unverified() -> None:
    base = tiny_folder() / "model"
    notes = check_base(read_adapter(tiny_folder() / "unnamed"), base, weights_fingerprint(base))
    assert notes == ("base unverified",)


def test_without_a_fingerprint_other_shapes_are_refused(tmp_path: Path) -> None:
    def widen(name: str, tensor: torch.Tensor) -> torch.Tensor:
        return torch.ones(4, 96) if "lora_A" in name else tensor

    wide = read_adapter(edit_weights(copy_of("unnamed", tmp_path / "wide"), widen))
    with pytest.raises(SpecError, match=r"does not fit the base .* it is 64 × 96, .* is 64 × 64"):
        check_base(wide, tiny_folder() / "model", "")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"base": {}}', '{"base": {"weights": 1}}'])
def test_a_damaged_identity_is_no_reason_to_go_on_unverified(tmp_path: Path, content: str) -> None:
    folder = copy_of("alive", tmp_path / "a")
    (folder / "ragft.json").write_text(content)
    base = tiny_folder() / "model"
    with pytest.raises(SpecError, match=r"ragft.json"):
        check_base(read_adapter(folder), base, weights_fingerprint(base))


def test_an_adapter_of_zeros_is_refused() -> None:
    with pytest.raises(SpecError, match=r"changes nothing.*lora_B"):
        read_adapter(tiny_folder() / "noop")


def test_zeros_in_some_modules_are_no_reason_to_refuse(tmp_path: Path) -> None:
    def half(name: str, tensor: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(tensor) if "layers.0" in name else tensor

    read_adapter(edit_weights(copy_of("alive", tmp_path / "a"), half))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"peft_type": "XLORA"}, "peft_type 'XLORA' is not served"),
        ({"peft_type": None}, "peft_type None .*; give the folder that peft saved"),
        ({"init_lora_weights": "pissa_niter_4"}, "init_lora_weights 'pissa_niter_4'"),
        ({"init_lora_weights": "loftq"}, "init_lora_weights 'loftq'"),
        ({"init_lora_weights": "lora_ga"}, "init_lora_weights 'lora_ga'.*or is not known to"),
        ({"init_lora_weights": "of_next_year"}, "init_lora_weights 'of_next_year'"),
        ({"layer_replication": [[0, 1]]}, "layer_replication"),
        ({"alora_invocation_tokens": [1]}, "alora_invocation_tokens"),
        ({"use_newlora": True}, "use_newlora = True is not served here"),
        ({"megatron_core": "attack.module"}, "megatron_core = 'attack.module' names code"),
        ({"megatron_config": {"a": 1}}, "megatron_config .* names code"),
        ({"auto_map": {"AutoModel": "x.Y"}}, "auto_map .* names code"),
        ({"auto_map": {"AutoModel": "x.Y"}, "peft_type": "IA3"}, "auto_map .* names code"),
    ],
)
def test_what_is_not_known_to_be_served_whole_is_refused_before_anything_is_loaded(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    folder = edit_config(copy_of("alive", tmp_path / "a"), **changes)
    with pytest.raises(SpecError, match=said):
        read_adapter(folder)


@pytest.mark.parametrize("value", [None, False, [], {}, ""])
def test_a_key_of_another_release_that_is_not_set_changes_nothing(
    tmp_path: Path, value: object
) -> None:
    read_adapter(edit_config(copy_of("alive", tmp_path / "a"), use_newlora=value))


def test_every_key_of_a_lora_is_either_served_or_refused_by_name() -> None:
    """A release of peft with a new key must be looked at: neither is found out by itself."""
    from peft import LoraConfig

    refused = {
        "alora_invocation_tokens", "arrow_config", "kasa_config", "layer_replication",
        "megatron_config", "monteclora_config", "use_bdlora", "use_qalora",
    }  # fmt: skip
    assert LoraConfig.__dataclass_fields__.keys() <= adapter._SERVED | refused


def test_a_base_of_4_bits_is_held_against_logical_shapes(tmp_path: Path) -> None:
    """bitsandbytes packs 64 × 64 weights into 2048 × 1 bytes."""

    def pack(tensors: dict[str, torch.Tensor]) -> None:
        for name, tensor in tensors.items():
            if "_proj" in name:
                tensors[name] = torch.zeros(tensor.numel() // 2, 1, dtype=torch.uint8)

    base = rewrite(copy_of("model", tmp_path / "b"), pack)
    assert check_base(read_adapter(tiny_folder() / "unnamed"), base, "") == ("base unverified",)

    def widen(name: str, tensor: torch.Tensor) -> torch.Tensor:
        return torch.ones(4, 96) if "lora_A" in name else tensor

    wide = read_adapter(edit_weights(copy_of("unnamed", tmp_path / "wide"), widen))
    with pytest.raises(SpecError, match="does not fit the base"):
        check_base(wide, base, "")


def test_truncated_weights_are_refused(tmp_path: Path) -> None:
    file = copy_of("alive", tmp_path / "a") / WEIGHTS
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(SpecError, match="truncated"):
        read_adapter(tmp_path / "a")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = copy_of("alive", tmp_path / "a")
    (folder / WEIGHTS).rename(folder / "adapter_model.bin")
    with pytest.raises(SpecError, match="pickled"):
        read_adapter(folder)


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_damaged_configuration_is_named(tmp_path: Path, content: str) -> None:
    folder = copy_of("alive", tmp_path / "a")
    (folder / "adapter_config.json").write_text(content)
    with pytest.raises(SpecError, match=r"adapter_config.json"):
        read_adapter(folder)


def base_of(folder: Path, given: Path | None = None) -> Path:
    return find_base(read_adapter(folder), given, offline=True).path


def test_where_the_base_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = copy_of("alive", tmp_path / "adapters" / "a")
    assert base_of(folder) == tiny_folder() / "model"
    edit_config(folder, base_model_name_or_path="bases/b")
    with pytest.raises(SpecError, match=r"'bases/b' is neither a folder .*--ragft-base=PATH"):
        base_of(folder)
    assert base_of(folder, given=tiny_folder() / "model") == tiny_folder() / "model"
    beside = copy_of("model", folder / "bases" / "b")
    assert base_of(folder) == beside
    here = copy_of("model", tmp_path / "bases" / "b")
    assert base_of(folder).resolve() == here


@pytest.mark.parametrize("name", [None, "", 7])
def test_an_adapter_that_names_no_base_says_how_to_give_one(tmp_path: Path, name: object) -> None:
    folder = edit_config(copy_of("alive", tmp_path / "a"), base_model_name_or_path=name)
    with pytest.raises(SpecError, match=r"names no base model.*--ragft-base=PATH"):
        base_of(folder)


@pytest.mark.parametrize("name", ["~nobody-of-this-name/base", "x" * 5000])
def test_a_base_that_no_system_can_open_is_not_there(tmp_path: Path, name: str) -> None:
    folder = edit_config(copy_of("alive", tmp_path / "a"), base_model_name_or_path=name)
    with pytest.raises(SpecError, match=r"no such file or folder.*--ragft-base=PATH"):
        base_of(folder)
    with pytest.raises(SpecError, match="no such file or folder"):
        base_of(folder, given=Path(name))


def test_an_adapter_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--ragft-base: the base .* \(adapter\)"):
        base_of(tiny_folder() / "alive", given=tiny_folder() / "second")
