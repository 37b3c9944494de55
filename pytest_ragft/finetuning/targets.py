"""What a model is taught to reply to a question: whose words the answer is.

People's are the first reference. Others may be more familiar to the model, and train better (Ren et
al. 2024, arXiv:2402.11192); they are taught only where the judge finds them right, and else the
reference is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pytest_ragft.errors import GenerationError, InputError
from pytest_ragft.finetuning.forms import Prompts
from pytest_ragft.finetuning.pairs import Parts, TrainingPair, TrainingSet
from pytest_ragft.finetuning.recipe import ABSTENTION, PEOPLE, Recipe
from pytest_ragft.judging.checks import check_score
from pytest_ragft.judging.guarding import judged
from pytest_ragft.judging.port import Judge
from pytest_ragft.numbers import count
from pytest_ragft.records import Answer, Case, Prompt, QAExample, Score
from pytest_ragft.suite import Suite

RIGHT = 0.95
"""Accuracy from which an answer is taught. 1 would leave answers of several words out: of a name
in a sentence, the reference judge gives the probability that people call it right."""

_WORDS: Mapping[str, str] = {
    "self": "in the base's own words",
    "own": "the base's own answer",
    "changed": "the base's answer with few changes",
    "other": "the other model's answer",
}


class Ask(Protocol):
    """Answers of a model, kept so that nothing is asked twice."""

    def __call__(self, suite: Suite, spec: str, prompts: Prompts, /) -> Mapping[str, Answer]:
        """One greedy answer to each prompt, by question id; a failed one has its `error` set.

        Args:
            suite: Whose decoding settings hold, and by whose name recorded answers are found.
            spec: Of the model, as ``--ragft-model`` takes it.
            prompts: By question id.

        Raises:
            SpecError: the SPEC names nothing usable.
            GenerationError: the model cannot be loaded or reached.
        """
        ...


def nobody(suite: Suite, spec: str, prompts: Prompts, /) -> Mapping[str, Answer]:
    """Stands where no answers can be asked for.

    Raises:
        GenerationError: always.
    """
    raise GenerationError(f"{spec!r} is to answer {count(len(prompts), 'prompt')}, and cannot here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An answer to teach."""

    text: str
    source: str
    """Whose words it is: ``self`` for the base's rewriting of the reference, ``own`` for the base's
    answer, ``changed`` for that with few changes, ``other`` for another model's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """Who answers, and who says which answers are right."""

    base: str
    """SPEC of the model that is trained."""
    ask: Ask
    judge: Judge


def with_targets(parts: Parts, suite: Suite, recipe: Recipe, writers: Writers) -> Parts:
    """Parts in which pairs teach what the recipe's target says; which pairs they are stays.

    Args:
        parts: Whose pairs teach the first reference, or to abstain, which they go on to do.
        suite: Of their questions.
        recipe: With the target.
        writers: Who answers and who judges.

    Raises:
        InputError: another model's answers lack some of the questions, or failed.
        SpecError: that model cannot be found.
        GenerationError: a model cannot be loaded or reached.
    """
    if recipe.target == PEOPLE:
        return parts
    asked = [p for part in (parts.training, parts.development) for p in part.pairs]
    targets = targets_of(suite, recipe, writers, [p for p in asked if p.target == PEOPLE])

    def taught(part: TrainingSet) -> TrainingSet:
        pairs = tuple(
            replace(pair, answer=target.text, target=target.source)
            if (target := targets.get(pair.id)) is not None
            else pair
            for pair in part.pairs
        )
        return replace(part, pairs=pairs)

    return Parts(training=taught(parts.training), development=taught(parts.development))


def targets_of(
    suite: Suite, recipe: Recipe, writers: Writers, pairs: Sequence[TrainingPair]
) -> dict[str, Target]:
    """What is taught in place of the reference, by question id; see `with_targets`."""
    if not pairs:
        return {}
    examples = {example.id: example for example in suite.examples}
    questions = _Questions(
        suite=suite, examples=[examples[pair.id] for pair in pairs], writers=writers
    )
    way = _WAYS.get(recipe.target, _of_another)
    return way(questions, recipe, {pair.id: _prompt_of(pair) for pair in pairs})


def _prompt_of(pair: TrainingPair) -> Prompt:
    """A prompt of just the messages of a pair, whose texts are no template."""
    *system, user = (message["content"] for message in pair.messages)
    return Prompt(system="".join(system), user="{question}", question=user)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    suite: Suite
    examples: Sequence[QAExample]
    writers: Writers

    def base_says(self, prompts: Prompts) -> Mapping[str, Answer]:
        return self.writers.ask(self.suite, self.writers.base, prompts)

    def right(self, answers: Mapping[str, Answer], source: str) -> dict[str, Target]:
        """Those of the answers that the judge finds right, as targets."""
        whole = [e for e in self.examples if e.id in answers and _is_whole(answers[e.id])]
        given = self._scores(whole, [answers[e.id].text for e in whole])
        known = self._scores(whole, [e.references[0] for e in whole])
        return {
            e.id: Target(text=answers[e.id].text.strip(), source=source)
            for e, scores, reference in zip(whole, given, known, strict=True)
            if _is_right(e, answers[e.id], scores, reference)
        }

    def _scores(
        self, examples: Sequence[QAExample], texts: Sequence[str]
    ) -> list[Mapping[str, Score]]:
        cases = [
            Case(example=example, answer=text, passages=())
            for example, text in zip(examples, texts, strict=True)
        ]
        return list(judged(self.writers.judge, cases)) if cases else []


def _is_whole(answer: Answer) -> bool:
    """Whether an answer came to its own end: a cut one would teach to stop anywhere."""
    return answer.finish in ("stop", "recorded") and bool(answer.text.strip())


def _is_right(
    example: QAExample,
    answer: Answer,
    scores: Mapping[str, Score],
    reference: Mapping[str, Score],
) -> bool:
    if example.checks:
        return check_score(example, answer.text, unanswered=answer.unanswered).value == 1.0
    if _value(scores, "accuracy") < RIGHT:
        return False
    least = _value(reference, "completeness") if example.facts else 0.0
    return _value(scores, "completeness") >= least


def _value(scores: Mapping[str, Score], metric: str) -> float:
    """A score's value; below any where it is missing."""
    value = scores[metric].value
    return -1.0 if value is None else value


def _rewritten(of: _Questions, _: Recipe, asked: Prompts) -> dict[str, Target]:
    """The reference in the base's own words.

    In the spirit of self-distillation (Yang et al. 2024, arXiv:2402.13669), where the model
    rewrites each response and the rewriting is taken if a rule finds it right; here a judge does.
    """
    prompts = {
        e.id: _with(
            asked[e.id],
            f"A right answer is: {e.references[0].strip()}\n"
            "Give this answer in your own words, as you would say it yourself, and nothing else.",
        )
        for e in of.examples
    }
    return of.right(of.base_says(prompts), "self")


def _minimal(of: _Questions, _: Recipe, asked: Prompts) -> dict[str, Target]:
    """The base's own answer where it is right; else what it makes of it by few changes.

    After the minimum change of Ren et al. 2024 (arXiv:2402.11192), where a stronger model changes
    the answer; here the base does it itself, so that no other model sees the data.
    """
    own = of.base_says(asked)
    right = of.right(own, "own")
    prompts = {
        e.id: _with(
            asked[e.id],
            f"Your answer was: {own[e.id].text.strip()}\n"
            f"A right answer is: {e.references[0].strip()}\n"
            "Change as few words of your answer as you can, so that it is right, and give the "
            "changed answer and nothing else.",
        )
        for e in of.examples
        if e.id not in right and own[e.id].text.strip()
    }
    changed = of.right(of.base_says(prompts), "changed") if prompts else {}
    return changed | right


def _of_another(of: _Questions, recipe: Recipe, asked: Prompts) -> dict[str, Target]:
    answers = of.writers.ask(of.suite, recipe.target, asked)
    failed = [example_id for example_id in asked if answers[example_id].error is not None]
    if failed:
        raise InputError(
            f"--target={recipe.target!r} has no answer to {len(failed)} of "
            f"{count(len(asked), 'question')}, such as {failed[0]!r} "
            f"({answers[failed[0]].error}); each that is taught needs one, right or wrong"
        )
    return of.right(answers, "other")


_WAYS: Mapping[str, Callable[[_Questions, Recipe, Prompts], dict[str, Target]]] = {
    "self": _rewritten,
    "minimal": _minimal,
}


def _with(prompt: Prompt, request: str) -> Prompt:
    """A prompt that asks for more than its question.

    It stands behind the question, and not in the template, where its texts would be read as such.
    """
    return replace(prompt, question=f"{prompt.question}\n\n{request}")


def name_of_target(target: str) -> str:
    """What cards call it: a file by its name, a served model without its server."""
    return Path(target).name if target.endswith(".jsonl") else target.partition("@")[0]


def told(pairs: Sequence[TrainingPair], recipe: Recipe) -> list[str]:
    """What a reader must know of pairs that are trained on: counts of what they show and teach."""
    lines, number = [], Counter(pair.target for pair in pairs)
    every = count(len(pairs), "pair")
    if recipe.form == "distractors":
        lines.append(f"{sum(p.absent for p in pairs):,} of {every} shown no relevant passage")
    if recipe.abstention:
        absent = sum(pair.absent for pair in pairs if pair.target == ABSTENTION)
        lines.append(
            f"{number[ABSTENTION]:,} of {every} taught to abstain: {absent:,} for want of a "
            f"relevant passage, {number[ABSTENTION] - absent:,} as the question has no answer"
        )
    if recipe.target != PEOPLE:
        said = [f"{number[source]:,} {words}" for source, words in _WORDS.items() if number[source]]
        lines.append(
            f"of {count(len(pairs) - number[ABSTENTION], 'pair')} taught by "
            f"{name_of_target(recipe.target)}: "
            + ", ".join([*said, f"{number[PEOPLE]:,} the reference"])
        )
    return lines
