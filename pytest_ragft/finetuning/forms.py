"""What a model is shown with a question: one function a form.

A prompt is the suite's own, as it is served; what differs is which passages stand in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from pytest_ragft.checking.wording import words_of
from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.further import further_requests, gold_hits
from pytest_ragft.evaluation.requests import SuiteRequests, prompt_for
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.records import Passage, Prompt, QAExample
from pytest_ragft.retrieval.settings import NONE
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import Suite


class Retrieve(Protocol):
    """What a suite's retriever finds."""

    def __call__(
        self, suite: Suite, examples: Sequence[QAExample], depth: int | None = None, /
    ) -> Mapping[str, tuple[Passage, ...]]:
        """The passages shown with each question, by its id, best first.

        Args:
            suite: Whose retriever is asked.
            examples: Some of its questions.
            depth: How many passages; None for as many as the suite shows. The first of more are
                those that it shows.

        Raises:
            InputError: there are no passages to retrieve.
            RetrievalError: the retriever cannot answer.
        """
        ...


Prompts: TypeAlias = Mapping[str, Prompt]
"""By question id; a question that cannot be shown in a form has none."""

Form = Callable[[Suite, Sequence[QAExample], Recipe, Retrieve], Prompts]


def is_relevant(passage: Passage, example: QAExample) -> bool:
    """Whether a passage is one that a question names, or a part of one."""
    return passage.source in example.relevant


def _closed_book(suite: Suite, examples: Sequence[QAExample], _: Recipe, __: Retrieve) -> Prompts:
    return _served(further_requests(suite, examples, "none"))


def _gold(suite: Suite, examples: Sequence[QAExample], _: Recipe, __: Retrieve) -> Prompts:
    return _served(further_requests(suite, examples, "gold"))


def _served(asked: SuiteRequests) -> Prompts:
    return {r.id: r.prompt for r in asked.requests if r.sample == 0}


def _retrieved(
    suite: Suite, examples: Sequence[QAExample], _: Recipe, retrieve: Retrieve
) -> Prompts:
    found = retrieve(suite, examples)
    return {e.id: prompt_for(suite, e.question, found[e.id]) for e in examples}


def _distractors(
    suite: Suite, examples: Sequence[QAExample], recipe: Recipe, retrieve: Retrieve
) -> Prompts:
    """The retrieved passages with a relevant one among them or, of a share, without any.

    After RAFT (Zhang et al. 2024, arXiv:2403.10131), whose code replaces the relevant passage of
    each pair with probability 0.2 by another and shuffles. Here the others are what the retriever
    ranks highest and not passages at random, as a model meets those when it is served; the share
    is exact; and answers are those of the set, without a chain of thought that quotes.
    """
    if not suite.passages or suite.retrieval.backend == NONE:
        raise InputError(
            f"{suite.path}: relevant passages are put among those that are retrieved from the "
            "suite's corpus, and it has none, or nothing is retrieved; take another --form"
        )
    gold = {
        example_id: tuple(suite.passages[hit.passage_id] for hit in hits)
        for example_id, hits in gold_hits(suite, examples).items()
    }
    able = [e for e in examples if gold[e.id] or not e.answerable]
    withheld = _withheld([e for e in able if e.answerable], recipe)
    # So many are left when every relevant one is among the first and is taken away.
    depth = suite.retrieval.k + max((len(gold[i]) for i in withheld), default=0)
    found = retrieve(suite, able, depth)
    prompts = {}
    for example in able:
        passages = found[example.id]
        if example.id in withheld:
            passages = tuple(p for p in passages if not is_relevant(p, example))
        passages = passages[: suite.retrieval.k]
        if example.answerable and example.id not in withheld:
            passages = _with_relevant(passages, gold[example.id], example, suite.retrieval.k)
        order = random.Random(fingerprint("order", recipe.seed, example.id))
        shuffled = tuple(order.sample(passages, len(passages)))
        prompts[example.id] = prompt_for(suite, example.question, shuffled)
    return prompts


def _withheld(examples: Sequence[QAExample], recipe: Recipe) -> frozenset[str]:
    """The share of questions that are shown no relevant passage.

    Each question's place in the draw hangs on itself and the seed alone.
    """
    drawn = sorted((e.id for e in examples), key=lambda i: fingerprint("absent", recipe.seed, i))
    return frozenset(drawn[: round(recipe.absent * len(drawn))])


def _with_relevant(
    found: tuple[Passage, ...], gold: Sequence[Passage], example: QAExample, k: int
) -> tuple[Passage, ...]:
    """The passages; where none of them is relevant, one that is takes the place of the last."""
    if any(is_relevant(passage, example) for passage in found):
        return found
    parts = [passage for passage in gold if passage.source == gold[0].source]
    best = next((part for part in parts if _holds(part, example)), parts[0])
    return (*found[: k - 1], best)


def _holds(passage: Passage, example: QAExample) -> bool:
    """Whether all words of a reference stand in a passage."""
    words = set(words_of(passage.text))
    return any(words.issuperset(words_of(reference)) for reference in example.references)


# Another form is another function here, and its line in recipe.FORMS.
_FORMS: Mapping[str, Form] = {
    "closed-book": _closed_book,
    "gold": _gold,
    "retrieved": _retrieved,
    "distractors": _distractors,
}


def show(
    suite: Suite, examples: Sequence[QAExample], recipe: Recipe, retrieve: Retrieve
) -> Prompts:
    """What a model is shown with each question in the recipe's form.

    Raises:
        InputError: there is no corpus that the form takes passages from.
        RetrievalError: the retriever cannot answer.
    """
    return _FORMS[recipe.form](suite, examples, recipe, retrieve)
