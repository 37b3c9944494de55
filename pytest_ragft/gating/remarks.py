"""What a reader must know about how a run's gates were made up, as sentences."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pytest_ragft.gating.gates import Group
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.numbers import count, fixed
from pytest_ragft.records import BASELINE, GateResult, VariantFacts
from pytest_ragft.stats.multiplicity import any_of
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import METRICS

# Characters of a reason.
_SHOWN = 300
# Questions that a remark names.
_NAMED = 3
# Entries of tried variants that are read at a time.
_AT_ONCE = 64
# How often a number that another process has taken is tried anew.
_TRIES = 20


def remarks(
    run: GatingRun, gates: Sequence[GateResult], variants: Sequence[VariantFacts]
) -> tuple[str, ...]:
    """What is not gated, pooled or clean, why scores are missing, what was compared, how often."""
    if not run.plan.settings.gated or not run.plan.variants:
        return ()
    groups = [
        group for group in run.plan.groups if not group.single.keys().isdisjoint(run.plan.given)
    ]
    return (
        *(line for group in groups for line in (*ungated(group), *_excluded(group))),
        *_cleaned(run),
        *(f"{suite.name}: {note}" for suite in run.plan.suites.values() for note in suite.notes),
        *_missing(run),
        *_same(run, variants),
        *(line for group in groups for line in _tried(run, group, gates, variants)),
    )


def ungated(group: Group) -> list[str]:
    """Which metrics of answers, and questions without one, the gates of a ragft.toml leave out."""
    return [*_ungated_metrics(group), *_unchecked(group), *_unguarded(group)]


def _ungated_metrics(group: Group) -> list[str]:
    if not group.ungated:
        return []
    named = [metric for metric in METRICS if metric not in group.ungated]
    alone = f"gates {', '.join(named)} alone" if named else "gates no answers over all questions"
    left = " and ".join(group.ungated)
    are = "is" if len(group.ungated) == 1 else "are"
    return [f"{_shown(group.path)} {alone}: {left} {are} not gated over all suites"]


def _unchecked(group: Group) -> list[str]:
    if not group.unchecked:
        return []
    return [
        f"{_shown(group.path)} names no gate on its "
        f"{count(group.unchecked, 'question')} with checks, which no other gate is about; [[gate]] "
        'metric = "checks", role = "guard" guards them'
    ]


def _unguarded(group: Group) -> list[str]:
    if not group.unguarded:
        return []
    return [
        f"{_shown(group.path)} names no gate on its "
        f"{count(group.unguarded, 'unanswerable question')}, "
        'which vanish among the others; [[gate]] metric = "accuracy", role = "guard", '
        'where = { answerable = false }, name = "abstention" guards them'
    ]


def _excluded(group: Group) -> list[str]:
    if not group.excluded:
        return []
    suites = count(len(group.excluded), "suite")
    names = ", ".join(str(path.parent) for path in group.excluded)
    return [f"{group.path} leaves {suites} out of its pool by `exclude`: {names}"]


def _cleaned(run: GatingRun) -> Iterator[str]:
    """What references held that no answer would: it is not judged by, and better taken out."""
    for suite in run.plan.suites.values():
        for what, ids in suite.cleaned.items():
            more = ", …" if len(ids) > _NAMED else ""
            yield (
                f"{suite.name}: references of {count(len(ids), 'question')} hold {what}, which was "
                f"taken out before judging: {', '.join(ids[:_NAMED])}{more}"
            )


def _missing(run: GatingRun) -> Iterator[str]:
    """The commonest reason for which scores are missing, of each arm."""
    for name, suite in list(run.evaluation.scores):
        lacking = [
            [score for score in scores.values() if score.status == "missing"]
            for _, scores in run.evaluation.every_score((name, suite))
        ]
        reasons = Counter(score.reason for scores in lacking for score in scores)
        if reasons:
            ((reason, _), *others) = reasons.most_common()
            of = count(len(lacking), "answer")
            # A judge or its server may quote what it was given.
            why = "" if run.plan.settings.texts == "none" else reason[:_SHOWN]
            yield (
                f"{name}: scores are missing for {sum(map(bool, lacking)):,} of {of} on {suite}"
                f"{', mostly' if others else ''}{why and f': {why}'}"
            )


def _same(run: GatingRun, variants: Sequence[VariantFacts]) -> Iterator[str]:
    """A variant that is the baseline passes any comparison, and proves nothing."""
    known = {facts.name: facts for facts in variants}
    baseline = known.get(BASELINE)
    for variant in run.plan.variants:
        facts = known.get(variant.name)
        if baseline and facts and facts.fingerprint and facts.fingerprint == baseline.fingerprint:
            yield f"{facts.name}: is the baseline, by its fingerprint; that it passes says nothing"
            continue
        answers = list(_answers(run, variant.name))
        if answers and all(one == other for one, other in answers):
            yield (
                f"{variant.name}: all of its {count(len(answers), 'answer')} are the baseline's, "
                "word for word; is it the right one?"
            )


def _answers(run: GatingRun, variant: str) -> Iterator[tuple[str, str]]:
    every = run.evaluation.every_answer
    for suite in run.plan.suites:
        before, after = (every((name, suite)) for name in (BASELINE, variant))
        for which in before.keys() & after.keys():
            yield before[which].text, after[which].text


def _tried(
    run: GatingRun, group: Group, gates: Sequence[GateResult], variants: Sequence[VariantFacts]
) -> list[str]:
    """Of several variants one passes more easily than a single one would."""
    names = {suite.name for suite in group.suites}
    now = {facts.name: facts.fingerprint for facts in variants}
    decided = [
        result
        for result in gates
        if result.variant in now  # and not what stands for retrieval
        and result.pooled
        and result.gate.role == "primary"
        and names >= set(result.suites)
        and result.verdict.reason != "limited"
    ]
    tested = {result.variant: now[result.variant] for result in decided}
    if not tested:
        return []
    baseline, known = now.get(BASELINE), tuple(tested)
    if baseline and all(tested.values()):
        known = tried_variants(run.services.store, baseline, sorted(names), tested.values())
    number = max(len(known), len(tested))
    if number < 2:
        return []
    here = "" if number == len(tested) else f" ({len(tested)} in this run, the others before)"
    text = f"{count(number, 'variant')} were tried against this baseline{here}: "
    if any(spec.select_best for spec in group.pooled) and number == len(tested):
        return [f"{text}the best is to be chosen, so that each is judged at alpha / {number}"]
    chance = any_of(max(result.verdict.alpha for result in decided), number)
    return [
        f"{text}one that is at the margin passes with probability about {fixed(chance, 2)}; "
        'select = "best" in ragft.toml judges each of a run at alpha / their number'
    ]


def tried_variants(
    store: Store, baseline: str, suites: Sequence[str], variants: Iterable[str]
) -> tuple[str, ...]:
    """Fingerprints of all variants that a baseline was compared with, these among them.

    Entries of the store never change, so that the list is one entry an item, with numbers; of two
    processes that write the same number at a time, one goes on to the next.

    Args:
        store: in mode ``ro`` nothing is added to it.
        baseline: fingerprint.
        suites: names of those that were compared on.
        variants: fingerprints of those that are compared in this run.

    Raises:
        StoreError: the store cannot be read or written.
    """
    wanted = list(dict.fromkeys(variants))
    for _ in range(_TRIES):
        known = _tried_before(store, baseline, suites)
        new = [variant for variant in wanted if variant not in known]
        if not new or store.mode == "ro":
            break
        numbered = enumerate(new, start=len(known))
        store.put("tried", {_tried_key(baseline, suites, n): variant for n, variant in numbered})
    return tuple(dict.fromkeys([*known, *wanted]))


def _tried_key(baseline: str, suites: Sequence[str], number: int) -> str:
    return fingerprint("tried", baseline, suites, number)


def _tried_before(store: Store, baseline: str, suites: Sequence[str]) -> list[str]:
    found: list[str] = []
    numbers = itertools.count()
    while keys := [_tried_key(baseline, suites, n) for n in itertools.islice(numbers, _AT_ONCE)]:
        values = store.get(keys)
        found += [values[key] for key in keys if key in values]
        if len(values) < len(keys):
            break
    return found


def _shown(path: Path) -> Path:
    """`path` as seen from where pytest was started, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
