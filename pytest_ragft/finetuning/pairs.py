"""Questions of a suite as training pairs: what a model is shown, and what it is taught to reply.

What it is shown are the messages of the suite's own prompt, as it is served: see `Prompt`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.further import further_requests
from pytest_ragft.evaluation.requests import SuiteRequests, prompt_for
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.numbers import count
from pytest_ragft.records import Passage, Prompt, QAExample
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import Suite

Retrieve = Callable[[Suite, Sequence[QAExample]], Mapping[str, tuple[Passage, ...]]]
"""The passages that a suite's retriever shows with each question, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPair:
    """What a model is shown and what it is taught to reply."""

    id: str
    """Of the question."""
    messages: tuple[Mapping[str, str], ...]
    """Roles and contents, exactly those of the suite's own prompt."""
    answer: str
    document: str | None = None
    """The cluster, see `Suite.cluster_of`; None: its own."""
    form: str
    target: str

    @property
    def group(self) -> tuple[str, str]:
        """Equal for pairs that must stand in the same part: on one document, or one question."""
        return ("document", self.document) if self.document is not None else ("question", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """Pairs, in their order, with what was left out."""

    pairs: tuple[TrainingPair, ...]
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Identity of the pairs: 32 hexadecimal digits."""
        return fingerprint("pairs", [asdict(pair) for pair in self.pairs])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A set cut in two by document."""

    training: TrainingSet
    development: TrainingSet
    """Empty where none is wanted, or all pairs are on one document."""


def training_set(
    suite: Suite,
    form: str,
    retrieve: Retrieve,
    fitting: Callable[[Prompt], int] = lambda prompt: len(prompt.passages),
) -> TrainingSet:
    """A pair for each question of a suite that has an answer to teach.

    Args:
        suite: With its corpus.
        form: A key of `FORMS`.
        retrieve: Called for the form ``retrieved`` alone.
        fitting: How many passages of a prompt the model would be shown when it is served.

    Raises:
        InputError: no question can be taught in this form.
        RetrievalError: the retriever cannot answer.
    """
    examples = [e for e in suite.examples if e.answerable and e.references]
    unanswerable = sum(not e.answerable for e in suite.examples)
    unreferenced = len(suite.examples) - len(examples) - unanswerable
    prompts = _FORMS[form](suite, examples, retrieve)
    pairs, cut = [], 0
    for example in examples:
        if (prompt := prompts.get(example.id)) is None:
            continue
        keep = fitting(prompt)
        cut += keep < len(prompt.passages)
        pairs.append(_pair(suite, example, prompt.messages(keep), form))
    notes = [
        (unanswerable, "question without an answer", "is not taught", "are not taught"),
        (unreferenced, "question without a reference", "is not taught", "are not taught"),
        (
            len(examples) - len(pairs),
            "question that names no relevant passage",
            "is not taught",
            "are not taught",
        ),
        (cut, "prompt", "loses passages to the window", "lose passages to the window"),
    ]
    if not pairs:
        raise InputError(
            f"{suite.path}: no question can be taught as {form}; "
            + (
                "name relevant passages, or choose another --form"
                if examples
                else "give references"
            )
        )
    said = tuple(_said(number, noun, *verbs) for number, noun, *verbs in notes if number)
    return TrainingSet(pairs=tuple(pairs), notes=said)


def _said(number: int, noun: str, one: str, many: str) -> str:
    head, space, tail = noun.partition(" ")
    return f"{count(number, head)}{space}{tail} {one if number == 1 else many}"


def _closed_book(suite: Suite, examples: Sequence[QAExample], _: Retrieve) -> dict[str, Prompt]:
    return _prompts(further_requests(suite, examples, "none"))


def _gold(suite: Suite, examples: Sequence[QAExample], _: Retrieve) -> dict[str, Prompt]:
    return _prompts(further_requests(suite, examples, "gold"))


def _prompts(asked: SuiteRequests) -> dict[str, Prompt]:
    return {request.id: request.prompt for request in asked.requests if request.sample == 0}


def _retrieved(
    suite: Suite, examples: Sequence[QAExample], retrieve: Retrieve
) -> dict[str, Prompt]:
    found = retrieve(suite, examples)
    return {e.id: prompt_for(suite, e.question, found[e.id]) for e in examples}


# Another form is another function here, and its line in recipe.FORMS.
_FORMS: Mapping[str, Callable[[Suite, Sequence[QAExample], Retrieve], Mapping[str, Prompt]]] = {
    "closed-book": _closed_book,
    "gold": _gold,
    "retrieved": _retrieved,
}


def _pair(
    suite: Suite, example: QAExample, messages: Sequence[Mapping[str, str]], form: str
) -> TrainingPair:
    cluster = suite.cluster_of(example)
    return TrainingPair(
        id=example.id,
        messages=tuple(messages),
        answer=example.references[0].strip(),
        document=None if cluster.scope == "question" else cluster.name,
        form=form,
        target="people",
    )


def once(pairs: TrainingSet) -> TrainingSet:
    """A set without the pairs that say the same as one before."""
    seen: dict[tuple[object, ...], TrainingPair] = {}
    for pair in pairs.pairs:
        seen.setdefault(content_of(pair), pair)
    return TrainingSet(pairs=tuple(seen.values()), notes=pairs.notes)


def content_of(pair: TrainingPair) -> tuple[object, ...]:
    """What a model sees of a pair."""
    return (*(tuple(sorted(m.items())) for m in pair.messages), pair.answer)


def parted(whole: TrainingSet, recipe: Recipe) -> Parts:
    """A set cut by document into what is trained on and what stops the training.

    Documents are drawn by the recipe's seed until their pairs are its share of all; then as many
    pairs as it asks for are drawn from the rest. What a smaller size draws, a larger one does, too.

    Raises:
        InputError: there are fewer pairs than it asks for.
    """
    groups: dict[tuple[str, str], list[TrainingPair]] = {}
    for pair in whole.pairs:
        groups.setdefault(pair.group, []).append(pair)
    order = sorted(groups)
    draw = random.Random(recipe.seed)
    draw.shuffle(order)
    wanted = recipe.development * len(whole.pairs)
    held: list[TrainingPair] = []
    # One group at least stays for the training.
    while len(order) > 1 and len(held) < wanted:
        held += groups[order.pop()]
    kept = [pair for group in order for pair in groups[group]]
    draw.shuffle(kept)
    if recipe.size is not None and recipe.size > len(kept):
        held_out = f", {len(held)} more are the development part" if held else ""
        raise InputError(
            f"--size={recipe.size}: there are only {count(len(kept), 'pair')} to train on"
            f"{held_out}; ask for at most {len(kept)}, give more questions, or lower --development"
        )
    return Parts(
        training=TrainingSet(pairs=tuple(kept[: recipe.size]), notes=whole.notes),
        development=TrainingSet(pairs=tuple(held)),
    )
