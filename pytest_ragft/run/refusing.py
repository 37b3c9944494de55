"""How often the answers of both arms decline, whatever the judge."""

from __future__ import annotations

from pytest_ragft.evaluation.evaluation import BASELINE
from pytest_ragft.judging.abstention import ruled
from pytest_ragft.records import QAExample, Refusals, Score
from pytest_ragft.run.run import Run


def refusals(run: Run) -> tuple[Refusals, ...]:
    """Each variant's refusals beside the baseline's, over the questions that both answered."""
    if not run.settings.gated:
        return ()
    counted = (_counted(run, variant.name) for variant in run.variants)
    return tuple(found for found in counted if found.answerable + found.unanswerable)


def _counted(run: Run, variant: str) -> Refusals:
    asked = {True: 0, False: 0}
    declined = {(name, kind): 0 for name in (BASELINE, variant) for kind in (True, False)}
    for suite in run.suites.values():
        arms = [(name, suite.name) for name in (BASELINE, variant)]
        answers = [run.evaluation.answers.get(arm, {}) for arm in arms]
        for example in suite.examples:
            if any(example.id not in known for known in answers):
                continue
            asked[example.answerable] += 1
            for arm, known in zip(arms, answers, strict=True):
                score = run.evaluation.score(arm, example.id, "accuracy")
                if _declines(example, known[example.id].text, score):
                    declined[arm[0], example.answerable] += 1
    return Refusals(
        variant=variant,
        answerable=asked[True],
        baseline_refused=declined[BASELINE, True],
        variant_refused=declined[variant, True],
        unanswerable=asked[False],
        baseline_abstained=declined[BASELINE, False],
        variant_abstained=declined[variant, False],
    )


def _declines(example: QAExample, answer: str, score: Score) -> bool:
    known = score.evidence.get("abstained")
    if isinstance(known, bool):
        return known
    # A refusal scores 0 where there is an answer: what scores more need not be read again.
    if example.answerable and score.value:
        return False
    scores = ruled(example, answer)
    return scores is not None and scores["accuracy"].evidence.get("abstained") is True
