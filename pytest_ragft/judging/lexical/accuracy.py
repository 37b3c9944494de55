"""Whether what an answer says is right, once it is known to be an answer."""

from __future__ import annotations

import math
from dataclasses import replace

from pytest_ragft.judging.lexical.completeness import FactsCovered
from pytest_ragft.judging.lexical.dates import date_share
from pytest_ragft.judging.lexical.finding import IDENTICAL, Finding, score_of
from pytest_ragft.judging.lexical.identifiers import identifier_share, other_identifier
from pytest_ragft.judging.lexical.match_features import MatchFeatures, measure_match
from pytest_ragft.judging.lexical.numeric_answers import contradicts_numbers, number_share, residue
from pytest_ragft.judging.lexical.overlap import affirmed_run, denied
from pytest_ragft.judging.lexical.penalties import penalty
from pytest_ragft.judging.lexical.reading import ReadAnswer
from pytest_ragft.judging.lexical.statements import Statement, match_statements
from pytest_ragft.judging.lexical.target import POLARITIES, Target
from pytest_ragft.judging.lexical.text import Text
from pytest_ragft.judging.lexical.weighing import Weighing
from pytest_ragft.records import Score

# Words of content, beyond the question's, from which a reference stands nowhere by chance.
_CERTAIN = 5
_BY_INITIALS = 0.75
# Words of content beyond the question's from which a text beside a yes or a no is a reason.
_FEWEST_REASONS = 3
# Words from which a reference is an explanation that a yes or a no stands before.
_MANY_REASONS = 15
# What other reasons than the reference's cost: nobody has to give any, and others may be right,
# too. More where they are the longer part of what is right.
_REASONS, _MOSTLY_REASONS = 0.35, 0.6
# What a right yes or no keeps beside other numbers, which cannot be right, too.
_OTHER_NUMBERS = 0.35
# Words around a value order what is right, and what is wrong, among itself; they never turn one.
_WORDS_BESIDE, _WORDS_BESIDE_WRONG = 0.15, 0.05
_DENIED = 0.15
_NEGATES = "negates a reference"
# People forgive half of the other names that share a word (studies/judge/README.md, limits).
_RENAMED = 0.25
_SAME_NAME = 0.9


def accuracy(
    target: Target, read: ReadAnswer, facts: FactsCovered, *, identical: bool, weighing: Weighing
) -> Score:
    """Whether what the answer says is right.

    Args:
        target: What it is held against.
        read: The answer.
        facts: How far it states the facts, from `cover_facts`.
        identical: Whether it is a reference, word for word.
        weighing: Asked where rules do not tell.
    """
    if identical:
        return score_of("accuracy", IDENTICAL)
    words = read.words
    # Form before words, words before the model: what form tells, no likeness of words may turn.
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
        return score_of("accuracy", finding)
    # Who holds numbers one by one has counted other ones already.
    numbers = not weighing.holds_numbers
    return score_of("accuracy", finding, *penalty(target, words, finding.match, numbers=numbers))


def _by_polarity(target: Target, read: ReadAnswer) -> Finding | None:
    if target.polarity is None or read.said is None:
        return None
    spoken, right = ("yes" if read.said else "no"), read.said is target.polarity
    reason = f"says {spoken}, which is {'right' if right else 'wrong'}"
    if not right:
        return Finding(value=0.0, reason=reason, settled=True, certain=True)
    share, why = _reasons(target, read.words)
    return Finding(value=share, reason=reason + why, settled=True, certain=True)


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
            kept.append(1 - weight * (1 - match_statements(parts, words, target.known).right))
    if len(set(words.content) - target.known) < _FEWEST_REASONS:
        return 1.0, ""
    share = max(kept)
    return share, ", with other numbers" if share == _OTHER_NUMBERS else ", with reasons"


def _by_choice(target: Target, read: ReadAnswer, weighing: Weighing) -> Finding | None:
    if read.chosen is None:
        return None
    reason = {1.0: "chooses rightly", 0.0: "chooses something else"}.get(
        read.chosen, "chooses both"
    )
    finding = Finding(value=read.chosen, reason=reason, settled=True, certain=True)
    return _with_words(finding, target, read, weighing)


def _by_elements(read: ReadAnswer) -> Finding | None:
    if read.named is None:
        return None
    found = read.named
    reason = f"names {sum(found.found)} of {len(found.found)} elements and {found.others} others"
    return Finding(value=found.f1, reason=reason, certain=True)


def _by_value(target: Target, read: ReadAnswer, weighing: Weighing) -> Finding | None:
    """For a number, a date or an identifier: right or wrong; None where words must decide."""
    if target.kind not in ("number", "date", "identifier"):
        return None
    held = {"number": number_share, "date": date_share, "identifier": identifier_share}
    texts = [key.plain for _, key in target.keys]
    share = held[target.kind](texts, target.question.plain, read.words.plain)
    if share is None:
        return None
    if share == 1:
        finding = Finding(value=1.0, reason=f"states the {target.kind}")
    elif not share:
        finding = Finding(value=0.0, reason=f"states another {target.kind}, or none")
    else:
        finding = Finding(value=share, reason=f"states part of the {target.kind}")
    finding = replace(finding, certain=True)
    return _with_words(finding, target, read, weighing)


def _with_words(finding: Finding, target: Target, read: ReadAnswer, weighing: Weighing) -> Finding:
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


def _contained(target: Target, words: Text) -> Finding | None:
    for text, reference in target.references:
        # A bare yes or no stands in many an answer that means something else, and a few words
        # that the model knows better.
        if target.polarity is not None and reference.stems in POLARITIES:
            continue
        if target.short and len(set(reference.content) - target.known) < _CERTAIN:
            continue
        if (at := affirmed_run(reference, words)) is not None:
            return Finding(
                value=1.0,
                reason="contains a reference",
                reference=text,
                match=range(at, at + len(reference.stems)),
            )
    return None


def _named(target: Target, read: ReadAnswer, weighing: Weighing) -> Finding:
    words = read.words
    if other_identifier([key.plain for _, key in target.keys], target.question.plain, words.plain):
        return Finding(value=0.0, reason="states another identifier", certain=True)
    measured = measure_match(target, words, declines=read.declines)
    weight = weighing.named(target, read, measured)
    value = weight.value
    if not value:
        return Finding(value=0.0, reason=weight.reason, evidence=weight.evidence)
    if measured.match and _denies(target, words, measured):
        return Finding(value=_DENIED * value, reason=_NEGATES, certain=True)
    # A date that is less exact than the one asked for is right in part.
    if target.type == "date":
        value *= measured["exact_recall"]
    # The labels hold too few initials to learn from.
    if measured["initials"] and not measured["recall"]:
        value = max(value, _BY_INITIALS)
    return Finding(
        value=value,
        reason=weight.reason,
        reference=measured.reference,
        match=measured.match,
        evidence=weight.evidence,
    )


def _denies(target: Target, words: Text, measured: MatchFeatures) -> bool:
    """Whether a clause negates the name that it holds, and nothing asks or answers by negation."""
    reference = dict(target.keys)[measured.reference]
    if target.question.negations or reference.negations or measured.match is None:
        return False
    return denied(words, measured.match.start, measured.match.stop)


def _by_facts(target: Target, facts: FactsCovered) -> Finding | None:
    counted = [c for fact, c in facts if _tells(target, fact.words)]
    if not counted:
        return None
    # Exact sum: the order of the facts changes no bit.
    value = math.fsum(c.credit for c in counted) / len(counted)
    covered = sum(c.covered for c in counted)
    return Finding(value=value, reason=f"{covered} of {len(counted)} facts")


def _by_statements(target: Target, read: ReadAnswer, weighing: Weighing) -> Finding:
    findings = [
        _statements_finding(target, read, text, reference, weighing)
        for text, reference in target.keys
        if _tells(target, reference)
    ]
    neither = Finding(value=0.0, reason="says neither yes nor no")
    return max(findings, key=lambda finding: finding.value, default=neither)


def _tells(target: Target, statement: Text) -> bool:
    """Whether a statement says more than a yes/no question that it may repeat."""
    return target.polarity is None or not target.repeated_by(statement)


def _statements_finding(
    target: Target, read: ReadAnswer, text: str, reference: Text, weighing: Weighing
) -> Finding:
    parts = dict(target.statements).get(text) or (Statement(text=text, words=reference),)
    found = match_statements(parts, read.words, target.known)
    if found.contradicted == 1:
        return Finding(value=0.0, reason="negates a reference", reference=text)
    if set(found.shares) == {1.0} and not target.open:
        return Finding(value=1.0, reason="states a reference", reference=text)
    weight = weighing.right(target, read, text, found)
    return Finding(
        value=weight.value, reason=weight.reason, reference=text, evidence=weight.evidence
    )
