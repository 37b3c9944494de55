"""Questions of a suite as training pairs: what a model is shown, and what it is taught to reply.

What it is shown are the messages of the suite's own prompt, as it is served: see `Prompt`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from pytest_ragft.errors import InputError
from pytest_ragft.finetuning.forms import Prompts, Retrieve, is_relevant, show
from pytest_ragft.finetuning.recipe import ABSTENTION, PEOPLE, Recipe
from pytest_ragft.judging.abstention import abstains
from pytest_ragft.numbers import count
from pytest_ragft.records import Prompt, QAExample
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPair:
    """What a model is shown and what it is taught to reply."""

    id: str
    """Of the question."""
    messages: tuple[Mapping[str, str], ...]
    """Roles and contents, exactly those of the suite's own prompt."""
    question: str = ""
    """What is asked, without what is shown beside it; empty where that is not told apart."""
    answer: str
    document: str | None = None
    """The cluster, see `Suite.cluster_of`; None: its own."""
    form: str
    target: str
    """Whose words the answer is; see `targets`."""
    absent: bool = False
    """Whether none of the passages that the question names is shown, where that matters."""

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
        plain = [asdict(pair) for pair in self.pairs]
        for pair in plain:
            # The messages hold it.
            del pair["question"]
            # Without it, pairs are what they were before there was any.
            if not pair["absent"]:
                del pair["absent"]
        return fingerprint("pairs", plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A set cut in two by document."""

    training: TrainingSet
    development: TrainingSet
    """Empty where none is wanted, or all pairs are on one document."""


_UNTAUGHT = ("is not taught", "are not taught")


def training_set(
    suite: Suite,
    recipe: Recipe,
    retrieve: Retrieve,
    fitting: Callable[[Prompt], int] = lambda prompt: len(prompt.passages),
) -> TrainingSet:
    """A pair for each question of a suite that there is something to teach about.

    The answer is the first reference, whatever the recipe's target: see `targets`.

    Args:
        suite: With its corpus.
        recipe: With the form, and whether abstaining is taught.
        retrieve: Called for forms that show what is retrieved.
        fitting: How many passages of a prompt the model would be shown when it is served.

    Raises:
        InputError: no question can be taught in this form, or what abstaining is taught with is
            no abstention.
        RetrievalError: the retriever cannot answer.
    """
    answered = [e for e in suite.examples if e.answerable and e.references]
    silent = [e for e in suite.examples if not e.answerable]
    # In the order of the suite, from which draws are made.
    taught = {e.id for e in (*answered, *(silent if recipe.abstention else ()))}
    examples = [e for e in suite.examples if e.id in taught]
    whole = show(suite, examples, recipe, retrieve)
    prompts = {i: _first(prompt, fitting(prompt)) for i, prompt in whole.items()}
    able = [e for e in examples if e.id in prompts]
    if not able:
        remedy = (
            "name relevant passages, or choose another --form" if examples else ("give references")
        )
        raise InputError(f"{suite.path}: no question can be taught as {recipe.form}; {remedy}")
    untaught = len(suite.examples) - len(answered) - len(silent)
    cut = sum(len(prompts[i].passages) < len(whole[i].passages) for i in prompts)
    notes = [
        (0 if recipe.abstention else len(silent), "question without an answer", *_UNTAUGHT),
        (untaught, "question without a reference", *_UNTAUGHT),
        (len(examples) - len(able), "question that names no relevant passage", *_UNTAUGHT),
        (cut, "prompt", "loses passages to the window", "lose passages to the window"),
    ]
    return TrainingSet(
        pairs=tuple(_pairs(suite, able, prompts, recipe)),
        notes=tuple(_said(*note) for note in notes if note[0]),
    )


def _first(prompt: Prompt, keep: int) -> Prompt:
    return replace(prompt, passages=prompt.passages[:keep])


def _said(number: int, noun: str, one: str, many: str) -> str:
    head, space, tail = noun.partition(" ")
    return f"{count(number, head)}{space}{tail} {one if number == 1 else many}"


def _pairs(
    suite: Suite, examples: Sequence[QAExample], prompts: Prompts, recipe: Recipe
) -> list[TrainingPair]:
    absent = {e.id for e in examples if _is_absent(e, prompts[e.id], recipe)}
    declining = [e for e in examples if not e.answerable or (recipe.abstention and e.id in absent)]
    _expect_abstention(recipe.abstention, declining)
    silent = {e.id for e in declining}
    pairs = []
    for example in examples:
        cluster, declines = suite.cluster_of(example), example.id in silent
        pairs.append(
            TrainingPair(
                id=example.id,
                messages=tuple(prompts[example.id].messages()),
                question=example.question,
                answer=recipe.abstention if declines else example.references[0].strip(),
                document=None if cluster.scope == "question" else cluster.name,
                form=recipe.form,
                target=ABSTENTION if declines else PEOPLE,
                absent=example.id in absent,
            )
        )
    return pairs


def _is_absent(example: QAExample, prompt: Prompt, recipe: Recipe) -> bool:
    """Whether an answer is asked for that stands in no passage, in a recipe that minds."""
    minded = recipe.form == "distractors" or bool(recipe.abstention)
    if not minded or recipe.form == "closed-book" or not (example.answerable and example.relevant):
        return False
    return not any(is_relevant(passage, example) for passage in prompt.passages)


def _expect_abstention(sentence: str, declining: Sequence[QAExample]) -> None:
    """Find out whether a judge will take what is taught for an abstention.

    Raises:
        InputError: it will not.
    """
    wrong = [e for e in declining if not abstains(sentence, e.question)]
    if wrong:
        raise InputError(
            f"--abstention={sentence!r}: judges would not take it for an abstention from "
            f"{len(wrong)} of {count(len(declining), 'question')}, such as {wrong[0].id!r}, and it "
            "would count as wrong; teach a sentence such as 'The passages do not say.'"
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
