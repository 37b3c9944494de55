"""A run file of TREC in place of a search: what another system found for a suite's questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.formats.collecting import question_id
from pytest_ragft.datasets.trec import read_run
from pytest_ragft.errors import RetrievalError, SuiteError
from pytest_ragft.records import Hit, Passage, QAExample
from pytest_ragft.store import fingerprint


class RunRetriever:
    """Hits by question, out of a run file; a question that the run lacks has none.

    Args:
        file: ``query Q0 document rank score tag`` a line; queries are the questions' ids.
        examples: The questions, which are told by their texts.
        passages: The corpus, whose ids the run names.

    Raises:
        RetrievalError: the file cannot be read, is about other questions or passages, or two
            questions have one text.
    """

    def __init__(
        self, file: Path, examples: Sequence[QAExample], passages: Mapping[str, Passage]
    ) -> None:
        self._file, self._passages = file, passages
        try:
            run = {question_id(query): hits for query, hits in read_run(file).items()}
        except SuiteError as error:
            raise RetrievalError(str(error)) from error
        self._hits: dict[str, tuple[Hit, ...]] = {}
        for example in examples:
            hits = tuple(Hit(passage_id=i, score=score) for i, score in run.get(example.id, ()))
            if self._hits.setdefault(example.question, hits) != hits:
                raise RetrievalError(
                    f"{file}: question {example.id!r} has the text of another one and other hits; "
                    "a run goes with questions of different texts"
                )
        self._expect_known(run, examples)

    def _expect_known(self, run: Iterable[str], examples: Sequence[QAExample]) -> None:
        if not {example.id for example in examples} & set(run):
            raise RetrievalError(
                f"{self._file}: holds hits for none of the {len(examples)} questions, such as "
                f"{examples[0].id!r}; its queries are named by the questions' ids"
            )
        for hits in self._hits.values():
            for hit in hits:
                if hit.passage_id not in self._passages:
                    raise RetrievalError(
                        f"{self._file}: the document {hit.passage_id!r} is no passage of the corpus"
                    )

    @property
    def fingerprint(self) -> str:
        """Identity of the hits."""
        plain = {q: [[h.passage_id, h.score] for h in hits] for q, hits in self._hits.items()}
        return fingerprint("run", plain)

    @property
    def description(self) -> str:
        """A few words for reports."""
        return f"run {self._file.name}"

    @property
    def notes(self) -> tuple[str, ...]:
        """How many questions the run lacks."""
        lacking = sum(not hits for hits in self._hits.values())
        if not lacking:
            return ()
        return (
            f"{self._file.name} holds no hits for {lacking:,} of {len(self._hits):,} questions",
        )

    def check(self) -> None:
        """All was found when it was opened."""

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """The first `k` hits of each question.

        Raises:
            RetrievalError: a query is no question of the suite.
        """
        for query in queries:
            if query not in self._hits:
                raise RetrievalError(
                    f"{self._file}: a run holds hits for the suite's questions alone, and "
                    f"{query!r:.100} is none of them"
                )
        return [self._hits[query][:k] for query in queries]

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The texts of passages, out of the corpus."""
        return {i: self._passages[i] for i in ids}

    def close(self) -> None:
        """Nothing is open."""
