"""What every variant is asked about a suite: its questions with the passages shown with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from pytest_ragft.errors import RetrievalError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.drawing import drawn_requests
from pytest_ragft.evaluation.ranking import Hits
from pytest_ragft.records import Hit, Knowledge, Passage, Prompt, QAExample, Request
from pytest_ragft.suite import PromptSettings, Suite


class SuiteRequests:
    """Questions of a suite, the passages shown with them, and what every variant is asked.

    Args:
        suite: with the prompt's settings.
        examples: the questions that this run asks.
        hits: for each question.
        texts: the passages by id.
        knowledge: what `hits` are; it decides the prompt's wording.
    """

    def __init__(
        self,
        suite: Suite,
        examples: Sequence[QAExample],
        hits: Hits,
        texts: Mapping[str, Passage],
        knowledge: Knowledge = "retrieved",
    ) -> None:
        self.suite = suite
        self.examples = examples
        self._hits = hits
        self._texts = texts
        self.knowledge = knowledge

    def passages(self, example_id: str) -> tuple[Passage, ...]:
        """The passages that every variant sees with a question."""
        return shown(self._hits[example_id], self._texts, self.suite)

    @cached_property
    def requests(self) -> list[Request]:
        """What every variant is asked: the first draw of each question in their order, …."""
        without = self.knowledge == "none"
        wording = self.suite.prompt_without if without else self.suite.prompt
        prompts = {
            example.id: _worded(wording, example.question, self.passages(example.id))
            for example in self.examples
        }
        drawn = drawn_requests(self.suite.name, self.suite.generation, prompts)
        if self.knowledge == "retrieved":
            return drawn
        return [replace(request, knowledge=self.knowledge) for request in drawn]

    @cached_property
    def samples(self) -> dict[str, int]:
        """How many answers each question gets."""
        return {request.id: request.samples for request in self.requests}

    @cached_property
    def prompts(self) -> list[str]:
        """Fingerprints of the requests' prompts."""
        return [keys.prompt_fingerprint(request.prompt) for request in self.requests]

    @cached_property
    def judged(self) -> list[str]:
        """Fingerprints of the questions as a judge reads them."""
        return [keys.judged_fingerprint(example) for example in self.examples]


def prompt_for(suite: Suite, question: str, passages: tuple[Passage, ...]) -> Prompt:
    """A question as a suite puts it."""
    return _worded(suite.prompt, question, passages)


def _worded(wording: PromptSettings, question: str, passages: tuple[Passage, ...]) -> Prompt:
    return Prompt(system=wording.system, user=wording.user, question=question, passages=passages)


def shown(hits: Sequence[Hit], texts: Mapping[str, Passage], suite: Suite) -> tuple[Passage, ...]:
    """The passages of a ranking.

    Raises:
        RetrievalError: one of them is not in the corpus.
    """
    try:
        return tuple([texts[hit.passage_id] for hit in hits])
    except KeyError as error:
        raise RetrievalError(
            f"{suite.path}: the retriever found the passage {error.args[0]!r}, which the suite's "
            "corpus does not have; index the suite's own corpus"
        ) from None


def moved(examples: Sequence[QAExample], today: SuiteRequests, then: SuiteRequests) -> int:
    """Questions that are shown other passages today: others, in other order, or changed."""
    return sum(
        [_read(p) for p in today.passages(e.id)] != [_read(p) for p in then.passages(e.id)]
        for e in examples
    )


def _read(passage: Passage) -> tuple[str, str, str]:
    return passage.id, passage.title, passage.text
