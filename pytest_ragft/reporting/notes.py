"""What limits a run's verdicts, as sentences. Pure; all renderers share it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pytest_ragft.numbers import count, exact, fixed, level, percent, places_apart
from pytest_ragft.records import (
    AnswerStyle,
    Disagreement,
    EndpointUsage,
    GateResult,
    Refusals,
    RunResult,
    VariantFacts,
)
from pytest_ragft.reporting.conclusion import gates_lost, is_limited

# Answers that are listed, of those on which a jury is far apart.
_DISAGREEMENTS = 5


def notes(run: RunResult) -> list[str]:
    """Everything that a reader must know before trusting the verdicts, most specific first."""
    return [
        *run.remarks,
        *_variants(run),
        *_suites(run),
        *_rules(run),
        *_refusals(run),
        *_answer_differences(run),
        *_judge(run),
    ]


def not_gated(run: RunResult) -> list[str]:
    """Why gates that are configured have no verdict, or none that counts."""
    lines = [f"NOT GATED: {why}" for why in run.ungated]
    if run.gates_deselected:
        lines.append(f"NOT GATED: {count(run.gates_deselected, 'gate')} deselected")
    if lost := gates_lost(run):
        lines.append(f"NOT GATED: {count(lost, 'gate')} without a verdict")
    if metrics := run.retrieval_undecidable:
        names = ", ".join(dict.fromkeys(metrics))
        needs = "needs" if len(metrics) == 1 else "need"
        lines.append(
            f"NOT GATED: {count(len(metrics), 'retrieval gate')} ({names}) {needs} "
            f"--ragft-baseline=saved:NAME{'; a primary one blocks' * bool(run.retrieval_unput)}"
        )
    if is_limited(run):
        size = f" to {count(run.limit, 'question')} a suite" if run.limit is not None else ""
        lines.append(f"LIMITED{size}: a quick look that does not gate; run without --ragft-limit")
    return lines


def _variants(run: RunResult) -> list[str]:
    lines = []
    for facts in run.variants:
        lines += [f"{facts.name}: {note}" for note in facts.notes]
        if facts.cut:
            lines.append(
                f"{facts.name}: {count(facts.cut)} of {count(facts.answers, 'answer')} "
                f"({percent(facts.cut / max(facts.answers, facts.cut))}) "
                "cut at max_new_tokens"
            )
        if facts.filtered:
            lines.append(
                f"{facts.name}: {count(facts.filtered)} of "
                f"{count(max(facts.answers, facts.filtered), 'answer')} cut or withheld by its "
                "server's content filter; judged is what is left"
            )
        lines += _reasoning(facts)
        lines += _calls(facts.name, facts.usage)
    return lines


def _reasoning(facts: VariantFacts) -> list[str]:
    lines = []
    if facts.reasoned:
        lines.append(
            f"{facts.name}: reasoning: {count(facts.reasoned)} of "
            f"{count(max(facts.answers, facts.reasoned), 'answer')}, "
            f"{fixed(facts.reasoning_words, 0)} words on average, not judged"
        )
    if facts.cut_thinking:
        lines.append(
            f"{facts.name}: {count(facts.cut_thinking)} of "
            f"{count(max(facts.answers, facts.cut_thinking), 'answer')} cut while thinking, which "
            "count as empty; raise max_new_tokens (thinking uses it, too), or set "
            'thinking = "off" under [generation]'
        )
    return lines


def _suites(run: RunResult) -> list[str]:
    lines = []
    for suite in run.suites:
        lines += [f"{suite.name}: {note}" for note in suite.notes]
        if suite.unclustered:
            questions = count(suite.unclustered, "question names", "questions name")
            lines.append(
                f"{suite.name}: {questions} no document and no relevant passage, so that each "
                "counts as its own cluster; if some share a source, the bounds are too narrow"
            )
    return lines


def _rules(run: RunResult) -> list[str]:
    lines = []
    if metrics := _metrics(run, lambda result: result.gate.margin_is_default):
        margin = exact(
            next(result.gate.margin for result in run.gates if result.gate.margin_is_default)
        )
        lines.append(
            f"margin not set for {metrics}: the default, {margin} of the scale, holds; "
            "set what you can afford to lose with `margin` in ragft.toml"
        )
    if metrics := _metrics(run, lambda result: result.gate.looks is None):
        lines.append(
            f"one look at the data is assumed for {metrics}; testing again after adding "
            "questions inflates the error rate unless `looks` announces the sizes"
        )
    lines += list(dict.fromkeys(_looks(result) for result in run.gates if result.gate.looks))
    lines += _shared(run)
    if run.on_inconclusive == "warn":
        lines.append(
            "--ragft-on-inconclusive=warn: floor, worse and underpowered do not block a deploy"
        )
    return lines


def _looks(result: GateResult) -> str:
    sizes = result.gate.looks or ()
    of = f"{len(sizes)} announced looks"
    which = f"past the last of {of}" if result.look is None else f"look {result.look} of {of}"
    if result.verdict.reason == "limited":
        which = f"a limited run is none of {of}"
    return (
        f"{result.gate.label}: {which} ({', '.join(f'{size:,}' for size in sizes)}), its bounds at "
        f"{level(result.verdict.alpha)}"
    )


def _shared(run: RunResult) -> list[str]:
    """Documents that several suites of a pool name."""
    metrics: dict[int, dict[str, None]] = {}
    for result in run.gates:
        if result.pooled and result.shared_documents:
            metrics.setdefault(result.shared_documents, {})[result.gate.label] = None
    return [
        f"{', '.join(names)}: {count(number, 'document')} of several suites "
        f"{'counts' if number == 1 else 'count'} once; a suite whose names mean something else "
        'says documents = "own"'
        for number, names in metrics.items()
    ]


def _metrics(run: RunResult, wanted: Callable[[GateResult], bool]) -> str:
    names = dict.fromkeys(result.gate.metric for result in run.gates if wanted(result))
    return ", ".join(names)


def _refusals(run: RunResult) -> list[str]:
    """How often both arms decline, where either does."""
    return [_refused(of) for of in run.refusals if _declined(of)]


def _declined(of: Refusals) -> int:
    answerable = of.baseline_refused + of.variant_refused
    return answerable + of.baseline_abstained + of.variant_abstained + of.unanswerable


def _refused(of: Refusals) -> str:
    parts = [
        f"{percent(after / n)} of {count(n, kind)} (baseline {percent(before / n)})"
        for before, after, n, kind in (
            (of.baseline_refused, of.variant_refused, of.answerable, "answerable question"),
            (of.baseline_abstained, of.variant_abstained, of.unanswerable, "unanswerable question"),
        )
        if n
    ]
    return f"{of.variant}: declines to answer {' and '.join(parts)}"


def _judge(run: RunResult) -> list[str]:
    lines = [f"judge {run.judge}: {run.judge_note}"] if run.judge_note else []
    return lines + _calls(f"judge {run.judge}", run.judge_usage)


def _calls(who: str, usage: EndpointUsage | None) -> list[str]:
    if usage is None:
        return []
    cost = "" if usage.cost is None else f", cost {usage.cost:.4f}"
    return [
        f"{who}: {count(usage.calls, 'call')} in this run ({count(usage.failed)} "
        f"failed, {count(usage.retries)} repeated, {count(usage.reasked)} asked again), "
        f"{count(usage.prompt_tokens)} prompt and {count(usage.completion_tokens)} completion "
        f"tokens{cost}{usage.uncounted_note}"
    ]


def _answer_differences(run: RunResult) -> list[str]:
    """How the answers look beside the baseline's, and where a jury's judges are far apart."""
    corrected = {
        name: all(g.correction is not None for g in run.gates if g.variant == name)
        for name in {gate.variant for gate in run.gates}
    }
    styles = [_style(style, corrected.get(style.variant, False)) for style in run.styles]
    return styles + _jury(run.disagreements)


def _style(style: AnswerStyle, corrected: bool) -> str:
    lower, upper = (
        fixed(x, places_apart(x, 0.0, places=1), signed=True) for x in (style.lower, style.upper)
    )
    text = (
        f"{style.variant}: its answers have {fixed(style.variant_words, 1)} words on average, the "
        f"baseline's {fixed(style.baseline_words, 1)} (difference "
        f"{fixed(style.variant_words - style.baseline_words, 1, signed=True)} "
        f"[{lower}, {upper}], two-sided 95 %)"
    )
    if style.variant_markup or style.baseline_markup:
        text += (
            f"; {percent(style.variant_markup)} of them have lists or other markup, of the "
            f"baseline's {percent(style.baseline_markup)}"
        )
    if style.notable and not corrected:
        text += (
            ". RISK: a judge may favour one style, which no bound here covers; human labels "
            "(`ragft label`, --ragft-labels) take such a bias out"
        )
    return text


def _jury(disagreements: Iterable[Disagreement]) -> list[str]:
    return [
        f"the jury disagrees on {of.metric} of {of.suite}::{of.id} ({of.variant}): "
        + ", ".join(f"{name} {fixed(value, 2)}" for name, value in of.judges.items())
        for of in list(disagreements)[:_DISAGREEMENTS]
    ]
