"""What to do after a verdict, as sentences. Pure; all renderers share it.

Each follows from a figure of the run, and says which. None promises a cure: a next training run is
gated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.gate.suite_moves import SuiteMove, suite_moves, worst_move
from pytest_ragft.numbers import count, fixed, percent, places_apart
from pytest_ragft.records import BASELINE, GateResult, RunResult
from pytest_ragft.reporting.conclusion import (
    Conclusion,
    conclude,
    is_limited,
    short_name,
    stops,
)
from pytest_ragft.reporting.human_labels import by_people
from pytest_ragft.stats.planning import PASS_CLUSTERS

_HEADLINES = {
    "PASS": "{} can be deployed",
    "WARN": "{} is not proven, and was let through",
    "BLOCK": "Do not deploy {}",
    "NOT GATED": "{} was not gated, so that nothing is proven",
    "ERROR": "No verdict on {}: a part of the run was lost",
}
_OF_RETRIEVAL = {
    "PASS": "Today's retrieval is not worse than the saved baseline's",
    "BLOCK": "Do not deploy today's index: its retrieval is not shown to be as good",
}
_MORE = 0.02
"""Shares of answers further apart than this are worth a sentence."""


def headline(conclusion: Conclusion) -> str:
    """A conclusion as people would say it to each other."""
    name = conclusion.variant
    if name == RETRIEVAL and conclusion.decision in _OF_RETRIEVAL:
        return _OF_RETRIEVAL[conclusion.decision]
    return _HEADLINES[conclusion.decision].format(name)


def overall(conclusions: Sequence[Conclusion]) -> str:
    """All conclusions of a run in one line; what blocks for all variants lets none through."""
    if len(conclusions) == 1:
        return headline(conclusions[0])
    variants = [each for each in conclusions if each.variant != RETRIEVAL]
    blocked = [each for each in conclusions if each.variant == RETRIEVAL and each.blocks]
    if blocked or not variants:
        return headline((blocked or list(conclusions))[0])
    if len(variants) == 1:
        return headline(variants[0])
    good = sum(each.decision == "PASS" for each in variants)
    return f"{good} of {count(len(variants), 'variant')} can be deployed"


def advice(run: RunResult, conclusion: Conclusion) -> list[str]:
    """What to do next about one variant, the most urgent first; never empty."""
    gates = [result for result in run.gates if result.variant == conclusion.variant]
    stopping = [result for result in gates if stops(result)]
    lines = [*_repairs(run, conclusion, gates), *_regressions(run, conclusion.variant, stopping)]
    if conclusion.variant != RETRIEVAL and _regressed(stopping):
        lines += _training(run, conclusion.variant, gates)
    lines += _open([g for g in gates if g.gate.role == "primary" or stops(g)])
    lines += _beside_gates(run, conclusion)
    if conclusion.decision in ("PASS", "WARN"):
        lines += _after_pass(run, conclusion, gates)
    return list(dict.fromkeys(lines)) or ["read the reasons above, and gate again"]


def _repairs(run: RunResult, conclusion: Conclusion, gates: Sequence[GateResult]) -> Iterator[str]:
    """What keeps anything from being decided."""
    if run.errors and conclusion.decision in ("ERROR", "BLOCK"):
        yield (
            "repair what the errors name, and gate again: answers and scores that were done are "
            "kept"
        )
    if missing := [short_name(g) for g in gates if g.verdict.reason == "missing"]:
        yield (
            f"scores are missing ({', '.join(missing)}): see the reasons at the questions without "
            "a score, repair the judge or the model, and gate again; more questions would not help"
        )
    if is_limited(run):
        yield "gate without --ragft-limit: a quick look decides nothing"
    elif conclusion.decision == "NOT GATED" and not run.gates_configured:
        yield (
            "give it a gate: `[[gate]]` with a metric in ragft.toml, or the suites' folder among "
            "the arguments"
        )
    elif conclusion.decision == "NOT GATED":
        yield "gate again with everything selected: what was left out or lacks proves nothing"


def _regressions(run: RunResult, variant: str, stopping: Sequence[GateResult]) -> Iterator[str]:
    if not _regressed(stopping):
        return
    if variant == RETRIEVAL:
        yield (
            "keep the index that is deployed, and see what changed in corpus, analysis or encoder: "
            "`ragft retrieve ID` shows what is found for a question that lost"
        )
        return
    text = "keep the model that is deployed"
    worst = worst_move(suite_moves(run, variant))
    if worst is not None:
        text += f", and read the questions of {worst.suite} that lost most: {move_text(worst)}"
    yield text


def _regressed(gates: Sequence[GateResult]) -> bool:
    return any(result.verdict.outcome == "REGRESSION" for result in gates)


def move_text(move: SuiteMove) -> str:
    """``accuracy 0.597 → 0.310 (−0.287)``."""
    places = places_apart(move.difference, 0.0)
    return (
        f"{move.metric} {fixed(move.baseline)} → {fixed(move.variant)} "
        f"({fixed(move.difference, places, signed=True)})"
    )


def _training(run: RunResult, variant: str, gates: Sequence[GateResult]) -> Iterator[str]:
    """What the answers say about the data that the model was trained on."""
    yield from _of_length(run, variant)
    yield from _of_cut(run, variant)
    yield from _of_refusals(run, variant)
    yield from _of_retrieval(gates)


def _of_length(run: RunResult, variant: str) -> Iterator[str]:
    for style in run.styles:
        if style.variant == variant and style.notable and style.upper < 0:
            yield (
                f"its answers have {fixed(style.variant_words, 1)} words, the baseline's "
                f"{fixed(style.baseline_words, 1)}: train on answers as full as you want them; "
                "short answers alone teach a model to leave facts out"
            )


def _of_cut(run: RunResult, variant: str) -> Iterator[str]:
    shares = {f.name: f.cut / f.answers for f in run.variants if f.answers}
    if shares.get(variant, 0.0) - shares.get(BASELINE, 0.0) > _MORE:
        yield (
            f"{percent(shares[variant])} of its answers are cut at max_new_tokens: raise it under "
            "[generation], or train on answers that end"
        )


def _of_refusals(run: RunResult, variant: str) -> Iterator[str]:
    for of in run.refusals:
        if of.variant != variant:
            continue
        if of.variant_refused - of.baseline_refused > _MORE * of.answerable:
            yield (
                f"it declines {count(of.variant_refused, 'answerable question')}, the baseline "
                f"{count(of.baseline_refused)}: train on more questions whose passages hold the "
                "answer"
            )
        if of.baseline_abstained - of.variant_abstained > _MORE * of.unanswerable:
            yield (
                f"it declines {count(of.variant_abstained, 'unanswerable question')}, the "
                f"baseline {count(of.baseline_abstained)}: train on questions that the passages do "
                "not answer, with the refusal that you want"
            )


def _of_retrieval(gates: Sequence[GateResult]) -> Iterator[str]:
    """Hits are the same for both, so that a loss over good ones is the model's own."""
    for result in gates:
        if result.verdict.outcome != "REGRESSION" or result.gate.role != "primary":
            continue
        for part in result.strata:
            lost = part.variant - part.baseline
            if part.name == "relevant passage retrieved" and lost < -result.verdict.margin:
                yield (
                    f"where a relevant passage was retrieved it lost {fixed(-lost)} of "
                    f"{result.gate.metric}: it uses what it is shown less well; train on prompts "
                    "with retrieved passages, irrelevant ones among them"
                )
                return


def _open(gates: Sequence[GateResult]) -> Iterator[str]:
    """What would settle what is inconclusive."""
    for result in gates:
        sentence = _SETTLING.get(result.verdict.reason)
        if sentence is not None and result.verdict.outcome == "INCONCLUSIVE":
            yield f"{short_name(result)}: {sentence(result)}"


def _floor(result: GateResult) -> str:
    return (
        f"add questions: a verdict needs {count(result.verdict.questions_needed)} independent ones "
        f"from at least {PASS_CLUSTERS} documents"
    )


def _worse(result: GateResult) -> str:
    return (
        "it did get worse, so rather train again than ask more questions; the margin is what you "
        f"can afford to lose, not what fits{_settled_by(result)}"
    )


def _underpowered(result: GateResult) -> str:
    if result.questions_to_decide is None:
        return "too close to the margin for any number of questions: train again, or keep the old"
    return f"too few questions to tell{_settled_by(result)}"


def _settled_by(result: GateResult) -> str:
    if result.questions_to_decide is None:
        return ""
    noun = "labelled question" if by_people(result) else "question"
    documents = result.documents_to_decide
    place = "" if documents is None else f" in {count(documents, 'document')}"
    return (
        f"; about {count(result.questions_to_decide, noun)}{place} would decide: announce that "
        "size with `looks`, then write them"
    )


def _past_looks(_: GateResult) -> str:
    return "the announced looks are used up: compare on questions that no run has seen"


_SETTLING = {
    "floor": _floor,
    "worse": _worse,
    "underpowered": _underpowered,
    "looks": _past_looks,
}


def _beside_gates(run: RunResult, conclusion: Conclusion) -> Iterator[str]:
    if below := run.below_floor.get(conclusion.variant, 0):
        yield f"read the {count(below, 'question')} below question_floor"
    failed = [
        t.node_id for t in run.hand_written if t.variant == conclusion.variant and not t.passed
    ]
    if failed:
        yield f"see why {failed[0]} failed"


def _after_pass(
    run: RunResult, conclusion: Conclusion, gates: Sequence[GateResult]
) -> Iterator[str]:
    if conclusion.variant == RETRIEVAL:
        yield "deploy the index, and save the baseline again once variants pass over it"
        return
    others = [each for each in conclude(run) if each.variant == RETRIEVAL and each.blocks]
    if conclusion.decision == "PASS" and others:
        yield "its gates pass, but retrieval is blocked: settle that first, and gate again"
    elif conclusion.decision == "PASS":
        yield (
            "deploy it, and keep it as the next baseline: `--ragft-save-baseline=NAME` on a run "
            "of it alone"
        )
    worst = worst_move(suite_moves(run, conclusion.variant))
    if worst is not None:
        yield f"glance at the questions of {worst.suite} that fell: {move_text(worst)}"
    if gates and not any(g.correction is not None or g.slope is not None for g in gates):
        yield (
            "the verdict is the judge's: `ragft calibrate` measures how far people agree with it"
        )
