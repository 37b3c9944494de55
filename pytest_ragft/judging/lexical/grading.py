"""An answer's accuracy and completeness, once it is known to be an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_ragft.judging.lexical.damping import damping
from pytest_ragft.judging.lexical.dates import date_share
from pytest_ragft.judging.lexical.features import Measured, measure
from pytest_ragft.judging.lexical.identifiers import identifier_share, other_identifier
from pytest_ragft.judging.lexical.overlap import Coverage, affirmed_run, denied
from pytest_ragft.judging.lexical.reading import Read
from pytest_ragft.judging.lexical.statements import Statement, covered
from pytest_ragft.judging.lexical.target import POLARITIES, Fact, Target
from pytest_ragft.judging.lexical.text import Text
from pytest_ragft.judging.lexical.values import contradicts_numbers, number_share, residue
from pytest_ragft.judging.lexical.weighing import Weighing
from pytest_ragft.records import Score

Told = Sequence[tuple[Fact, Coverage]]
"""Each fact with how far the answer states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A value before damping, with why and which reference it rests on."""

    value: float
    reason: str
    reference: str | None = None
    match: range | None = None
    """Where in the answer the reference stands."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    settled: bool = False
    """Nothing else that the answer says changes it."""
    certain: bool = False
    """The form of reference and answer tells: other words for the same do not matter."""


_CERTAIN = 5
"""Words of content, beyond the question's, from which a reference stands nowhere by chance."""
_BY_INITIALS = 0.75
_FEWEST_REASONS = 3
_MANY_REASONS = 15
"""Words from which a reference is an explanation that a yes or a no stands before."""
_REASONS, _MOSTLY_REASONS = 0.35, 0.6
_OTHER_NUMBERS = 0.35
_WORDS_BESIDE, _WORDS_BESIDE_WRONG = 0.15, 0.05
_DENIED = 0.15
_NEGATES = "negates a reference"
_RENAMED = 0.25
_SAME_NAME = 0.9
_IDENTICAL = _Finding(value=1.0, reason="is a reference", certain=True)


def told(target: Target, read: Read, weighing: Weighing) -> Told:
    """How far an answer states each fact."""
    return [(fact, _covered(fact, read, target, weighing)) for fact in target.facts]


def accuracy(
    target: Target, read: Read, facts: Told, *, identical: bool, weighing: Weighing
) -> Score:
    """Whether what the answer says is right.

    Args:
        target: What it is held against.
        read: The answer.
        facts: How far it states the facts, from `told`.
        identical: Whether it is a reference, word for word.
        weighing: Asked where rules do not tell.
    """
    if identical:
        return _score("accuracy", _IDENTICAL)
    words = read.words
    finding = _by_polarity(target, read) or _by_choice(target, read, weighing)
    finding = finding or _by_elements(read) or _by_value(target, read, weighing)
    finding = finding or _contained(target, words)
    if finding is None and target.short:
        finding = _named(target, read, weighing)
    if finding is not None and read.renames:
        finding = replace(
            finding, value=_RENAMED * finding.value, reason="names another", certain=True
        )
    elif finding is not None and read.same and finding.value < _SAME_NAME:
        finding = replace(finding, value=_SAME_NAME, reason="names the same")
    finding = finding or _by_facts(target, facts) or _by_statements(target, read, weighing)
    if finding.settled:
        return _score("accuracy", finding)
    numbers = not weighing.holds_numbers
    return _score("accuracy", finding, *damping(target, words, finding.match, numbers=numbers))


def completeness(
    target: Target,
    read: Read,
    facts: Told,
    *,
    identical: bool,
    accuracy: float,
    weighing: Weighing,
) -> Score:
    """Whether all that belongs to the answer is there.

    Args:
        target: What it is held against.
        read: The answer.
        facts: How far it states the facts, from `told`.
        identical: Whether it is a reference, the first one where a list or a summary is asked for.
        accuracy: The answer's, in [0, 1].
        weighing: Asked where rules do not tell.
    """
    if facts:
        return _share(facts)
    if identical:
        return _score("completeness", _IDENTICAL)
    if read.named is not None:
        count = sum(read.named.found)
        reason = f"{count} of {len(read.named.found)} elements"
        return _score("completeness", _Finding(value=read.named.recall, reason=reason))
    held = [
        (weighing.whole(target, read, text, found, accuracy), found, text)
        for text, parts in target.statements
        for found in [covered(parts, read.words, target.known)]
    ]
    value, found, text = max(held, key=lambda one: one[0])
    whole = sum(share == 1 for share in found.shares)
    reason = f"{whole} of {len(found.shares)} statements whole, {value:.0%} in all"
    return _score("completeness", _Finding(value=value, reason=reason, reference=text))


def _share(facts: Told) -> Score:
    covered = [fact.text for fact, c in facts if c.covered]
    contradicted = [fact.text for fact, c in facts if c.contradicted]
    missed = [fact.text for fact, c in facts if not (c.covered or c.contradicted)]
    return Score(
        metric="completeness",
        value=len(covered) / len(facts),
        reason=f"{len(covered)} of {len(facts)} facts",
        evidence={"covered": covered, "missed": missed, "contradicted": contradicted},
    )


def _covered(fact: Fact, read: Read, target: Target, weighing: Weighing) -> Coverage:
    if target.polarity is None or not (fact.polarity is not None or _repeats(target, fact.words)):
        return weighing.fact(target, read, fact)
    # What only repeats the question is stated by who answers it with the right yes or no.
    wanted = target.polarity if fact.polarity is None else fact.polarity
    right = read.said is wanted
    return Coverage(covered=right, credit=float(right))


def _repeats(target: Target, statement: Text) -> bool:
    return target.known.issuperset(statement.content)


def _by_polarity(target: Target, read: Read) -> _Finding | None:
    if target.polarity is None or read.said is None:
        return None
    spoken, right = ("yes" if read.said else "no"), read.said is target.polarity
    reason = f"says {spoken}, which is {'right' if right else 'wrong'}"
    if not right:
        return _Finding(value=0.0, reason=reason, settled=True, certain=True)
    share, why = _reasons(target, read.words)
    return _Finding(value=share, reason=reason + why, settled=True, certain=True)


def _reasons(target: Target, words: Text) -> tuple[float, str]:
    """What a right yes or no keeps for its reasons, where all references and the answer give some.

    Nobody has to give any, and other reasons than the reference's may be right, too; other
    numbers are not.
    """
    kept = []
    for text, parts in target.statements:
        reference = dict(target.references)[text]
        new = set(reference.content) - target.known
        if len(new) < _FEWEST_REASONS:
            return 1.0, ""
        if contradicts_numbers(reference.plain, target.question.plain, words.plain):
            kept.append(_OTHER_NUMBERS)
        else:
            weight = _REASONS if len(new) < _MANY_REASONS else _MOSTLY_REASONS
            kept.append(1 - weight * (1 - covered(parts, words, target.known).right))
    if len(set(words.content) - target.known) < _FEWEST_REASONS:
        return 1.0, ""
    share = max(kept)
    return share, ", with other numbers" if share == _OTHER_NUMBERS else ", with reasons"


def _by_choice(target: Target, read: Read, weighing: Weighing) -> _Finding | None:
    if read.chosen is None:
        return None
    reason = {1.0: "chooses rightly", 0.0: "chooses something else"}.get(
        read.chosen, "chooses both"
    )
    finding = _Finding(value=read.chosen, reason=reason, settled=True, certain=True)
    return _with_words(finding, target, read, weighing)


def _by_elements(read: Read) -> _Finding | None:
    if read.named is None:
        return None
    found = read.named
    reason = f"names {sum(found.found)} of {len(found.found)} elements and {found.others} others"
    return _Finding(value=found.f1, reason=reason, certain=True)


def _by_value(target: Target, read: Read, weighing: Weighing) -> _Finding | None:
    """For a number, a date or an identifier: right or wrong; None where words must decide."""
    if target.kind not in ("number", "date", "identifier"):
        return None
    held = {"number": number_share, "date": date_share, "identifier": identifier_share}
    texts = [key.plain for _, key in target.keys]
    share = held[target.kind](texts, target.question.plain, read.words.plain)
    if share is None:
        return None
    if share == 1:
        finding = _Finding(value=1.0, reason=f"states the {target.kind}")
    elif not share:
        finding = _Finding(value=0.0, reason=f"states another {target.kind}, or none")
    else:
        finding = _Finding(value=share, reason=f"states part of the {target.kind}")
    finding = replace(finding, certain=True)
    return _with_words(finding, target, read, weighing)


def _with_words(finding: _Finding, target: Target, read: Read, weighing: Weighing) -> _Finding:
    """A finding by value, ordered among its like by the words around it, which never turn it."""
    if not target.short:
        return finding
    worded = _named(target, read, weighing)
    if worded.certain and worded.reason == _NEGATES:
        return worded
    if finding.value == 1 and not residue(read.words, target.known):
        return replace(finding, reference=worded.reference, match=worded.match)
    weight = _WORDS_BESIDE if finding.value else _WORDS_BESIDE_WRONG
    return replace(
        finding,
        value=finding.value * (1 - weight) + weight * worded.value,
        reference=worded.reference,
        match=worded.match,
    )


def _contained(target: Target, words: Text) -> _Finding | None:
    for text, reference in target.references:
        # A bare yes or no stands in many an answer that means something else, and a few words
        # that the model knows better.
        if target.polarity is not None and reference.stems in POLARITIES:
            continue
        if target.short and len(set(reference.content) - target.known) < _CERTAIN:
            continue
        if (at := affirmed_run(reference, words)) is not None:
            return _Finding(
                value=1.0,
                reason="contains a reference",
                reference=text,
                match=range(at, at + len(reference.stems)),
            )
    return None


def _named(target: Target, read: Read, weighing: Weighing) -> _Finding:
    words = read.words
    if other_identifier([key.plain for _, key in target.keys], target.question.plain, words.plain):
        return _Finding(value=0.0, reason="states another identifier", certain=True)
    measured = measure(target, words, declines=read.declines)
    weight = weighing.named(target, read, measured)
    value = weight.value
    if not value:
        return _Finding(value=0.0, reason=weight.reason, evidence=weight.evidence)
    if measured.match and _denies(target, words, measured):
        return _Finding(value=_DENIED * value, reason=_NEGATES, certain=True)
    # A date that is less exact than the one asked for is right in part.
    if target.type == "date":
        value *= measured["exact_recall"]
    # The labels hold too few initials to learn from.
    if measured["initials"] and not measured["recall"]:
        value = max(value, _BY_INITIALS)
    return _Finding(
        value=value,
        reason=weight.reason,
        reference=measured.reference,
        match=measured.match,
        evidence=weight.evidence,
    )


def _denies(target: Target, words: Text, measured: Measured) -> bool:
    """Whether a clause negates the name that it holds, and nothing asks or answers by negation."""
    reference = dict(target.keys)[measured.reference]
    if target.question.negations or reference.negations or measured.match is None:
        return False
    return denied(words, measured.match.start, measured.match.stop)


def _by_facts(target: Target, facts: Told) -> _Finding | None:
    counted = [c for fact, c in facts if _tells(target, fact.words)]
    if not counted:
        return None
    # Exact sum: the order of the facts changes no bit.
    value = math.fsum(c.credit for c in counted) / len(counted)
    covered = sum(c.covered for c in counted)
    return _Finding(value=value, reason=f"{covered} of {len(counted)} facts")


def _by_statements(target: Target, read: Read, weighing: Weighing) -> _Finding:
    findings = [
        _statements_finding(target, read, text, reference, weighing)
        for text, reference in target.keys
        if _tells(target, reference)
    ]
    neither = _Finding(value=0.0, reason="says neither yes nor no")
    return max(findings, key=lambda finding: finding.value, default=neither)


def _tells(target: Target, statement: Text) -> bool:
    """Whether a statement says more than a yes/no question that it may repeat."""
    return target.polarity is None or not _repeats(target, statement)


def _statements_finding(
    target: Target, read: Read, text: str, reference: Text, weighing: Weighing
) -> _Finding:
    parts = dict(target.statements).get(text) or (Statement(text=text, words=reference),)
    found = covered(parts, read.words, target.known)
    if found.contradicted == 1:
        return _Finding(value=0.0, reason="negates a reference", reference=text)
    if set(found.shares) == {1.0} and not target.open:
        return _Finding(value=1.0, reason="states a reference", reference=text)
    weight = weighing.right(target, read, text, found)
    return _Finding(
        value=weight.value, reason=weight.reason, reference=text, evidence=weight.evidence
    )


def _score(metric: str, finding: _Finding, factor: float = 1.0, why: str = "") -> Score:
    evidence: dict[str, object] = dict(finding.evidence)
    if finding.certain:
        evidence["certain"] = True
    if finding.reference is not None:
        evidence["reference"] = finding.reference
    if factor < 1:
        evidence["damped"] = factor
    reason = f"{finding.reason}; damped: {why}" if factor < 1 else finding.reason
    return Score(
        metric=metric, value=min(1.0, finding.value * factor), reason=reason, evidence=evidence
    )
