"""What `--ragft-strict` makes an error of."""

from __future__ import annotations

from pytest_ragft.records import SuiteFacts, VariantFacts
from pytest_ragft.run.strictness import strict_errors


def variant(*notes: str) -> VariantFacts:
    return VariantFacts(name="ft", spec="ft", role="variant", fingerprint="f", notes=notes)


def suite(*notes: str) -> SuiteFacts:
    return SuiteFacts(
        name="faq", path="s", fingerprint="f", questions=1, unanswerable=0, documents=1, passages=1,
        unclustered=0, retriever="r", retrieval={}, notes=notes,
    )  # fmt: skip


def test_unverified_identities_and_weaker_rules_are_errors() -> None:
    found = strict_errors(
        [variant("base unverified")],
        [suite("index identity unverified: the uuid may not be read")],
        ["weaker rules than those of …"],
    )
    assert found == [
        "--ragft-strict: weaker rules than those of …",
        "--ragft-strict: ft: base unverified",
        "--ragft-strict: faq: index identity unverified: the uuid may not be read",
    ]


def test_other_notes_are_not() -> None:
    cut = variant("passages were dropped from 3 prompts, which exceeded its window")
    assert strict_errors([cut], [suite("ties are unordered")], []) == []
