"""What `--ragft-strict` makes an error of."""

from __future__ import annotations

import pytest

from pytest_ragft.gating.answer_differences import elsewhere
from pytest_ragft.gating.facts import strict_errors
from pytest_ragft.records import Answer, SuiteFacts, VariantFacts


def variant(*notes: str) -> VariantFacts:
    return VariantFacts(name="ft", spec="ft", role="variant", fingerprint="f", notes=notes)


def suite(*notes: str) -> SuiteFacts:
    return SuiteFacts(
        name="faq", path="s", fingerprint="f", questions=1, unanswerable=0, documents=1, passages=1,
        unclustered=0, retriever="r", retrieval={}, notes=notes,
    )  # fmt: skip


def test_unverified_identities_and_weaker_rules_are_errors() -> None:
    found = strict_errors(
        [variant("base unverified", "computed elsewhere than the baseline: 1 of 2 answers")],
        [suite("index identity unverified: the uuid may not be read")],
        ["weaker rules than those of …"],
    )
    assert found == [
        "--ragft-strict: weaker rules than those of …",
        "--ragft-strict: ft: base unverified",
        "--ragft-strict: ft: computed elsewhere than the baseline: 1 of 2 answers",
        "--ragft-strict: faq: index identity unverified: the uuid may not be read",
    ]


def test_other_notes_are_not() -> None:
    cut = variant("passages were dropped from 3 prompts, which exceeded its window")
    assert strict_errors([cut], [suite("ties are unordered")], []) == []


def answers(*platforms: str) -> dict[str, Answer]:
    return {
        f"q{i}": Answer(text="x", finish="stop", platform=platform)
        for i, platform in enumerate(platforms)
    }


@pytest.mark.parametrize(
    ("variant", "baseline", "said"),
    [
        (answers("cpu AVX2", "cpu AVX2"), answers("cpu AVX2", "cpu AVX2"), ""),
        (answers("a", "b"), answers("a", "b"), ""),
        (answers("a", "b"), answers("a", "a"), r"1 of 2 answers, 'b' against 'a'"),
        (answers("a", "a"), answers("a", ""), ""),
        (answers("a"), answers("a", "b"), ""),
        (answers("a"), {}, ""),
    ],
)
def test_where_answers_were_computed_is_compared_question_by_question(
    variant: dict[str, Answer], baseline: dict[str, Answer], said: str
) -> None:
    found = elsewhere({("ft", "s"): variant, ("baseline", "s"): baseline}, "ft", ["s"])
    assert len(found) == bool(said)
    assert all(said in line and "answer both in one place" in line for line in found)
    assert elsewhere({("baseline", "s"): baseline}, "baseline", ["s"]) == ()
