"""Questions asked with other passages than the retrieved ones, or without any; no gate reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_ragft.errors import RetrievalError
from pytest_ragft.evaluation.answering import Job
from pytest_ragft.evaluation.evaluation import Arm, Evaluation
from pytest_ragft.evaluation.ranking import Hits
from pytest_ragft.evaluation.requests import SuiteRequests
from pytest_ragft.records import Hit, Knowledge, QAExample
from pytest_ragft.suite import Suite


class Further:
    """An evaluation for each further kind of knowledge, and what is asked for it.

    They stand apart from the evaluation that gates read, so that nothing here can move a verdict.

    Args:
        kinds: ``gold``, ``none`` or both.
        suites: by name.
        examples: the questions that this run asks of a suite.
    """

    def __init__(
        self,
        kinds: Iterable[Knowledge],
        suites: Mapping[str, Suite],
        examples: Callable[[str], Sequence[QAExample]],
    ) -> None:
        self.evaluations: Mapping[Knowledge, Evaluation] = {kind: Evaluation() for kind in kinds}
        self._suites = suites
        self._examples = examples
        self._requests: dict[tuple[Knowledge, str], SuiteRequests] = {}

    def jobs(
        self,
        arms: Sequence[Arm],
        job_of: Callable[[Arm, SuiteRequests, frozenset[str]], Job | None],
    ) -> list[Job]:
        """What the arms have not answered and judged yet; `job_of` makes a job of it."""
        found: list[Job | None] = []
        for kind, evaluation in self.evaluations.items():
            for arm in arms:
                with evaluation.catching(arm):
                    requests = self._requests_of(kind, arm[1])
                    wanted = {example.id for example in requests.examples}
                    lacking = frozenset(wanted - evaluation.scores[arm].keys())
                    found.append(job_of(arm, requests, lacking))
        return [job for job in found if job is not None]

    def _requests_of(self, kind: Knowledge, suite: str) -> SuiteRequests:
        if (kind, suite) not in self._requests:
            of = self._suites[suite]
            self._requests[kind, suite] = further_requests(of, self._examples(suite), kind)
        return self._requests[kind, suite]


def further_requests(
    suite: Suite, examples: Sequence[QAExample], knowledge: Knowledge
) -> SuiteRequests:
    """The questions of a suite without any passage, or with those that they name as relevant.

    A question that names none has no gold passages, and is not asked with them.

    Args:
        suite: with its corpus.
        examples: the questions that this run asks.
        knowledge: ``gold`` or ``none``.

    Raises:
        RetrievalError: there are gold passages, and no corpus to take them from.
    """
    if knowledge == "none":
        hits: Hits = {example.id: () for example in examples}
        return SuiteRequests(suite, examples, hits, {}, knowledge)
    named = [example for example in examples if example.relevant]
    if named and not suite.passages:
        raise RetrievalError(
            f"{suite.path}: gold passages are taken from the suite's corpus, and it has none; "
            "give one, or leave gold out of --ragft-knowledge"
        )
    return SuiteRequests(suite, named, gold_hits(suite, named), suite.passages, knowledge)


def gold_hits(suite: Suite, examples: Iterable[QAExample]) -> Hits:
    """The passages that each question names as relevant, in the order of the corpus.

    Of a corpus line that was cut into passages these are all of its parts.
    """
    wanted = {passage_id for example in examples for passage_id in example.relevant}
    parts: dict[str, list[tuple[int, str]]] = {}
    for position, passage in enumerate(suite.passages.values()):
        if passage.source in wanted:
            parts.setdefault(passage.source, []).append((position, passage.id))
    found = {}
    for example in examples:
        ordered = sorted(part for name in set(example.relevant) for part in parts.get(name, ()))
        found[example.id] = tuple(Hit(passage_id=i, score=1.0) for _, i in ordered)
    return found
