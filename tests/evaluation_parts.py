"""Small real systems for tests of the evaluation; they answer, judge and retrieve by rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_ragft.errors import GenerationError, JudgeError, RetrievalError
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Answer, Case, Hit, Passage, QAExample, Request, Score
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite
from pytest_ragft.suite.schema import PromptSettings

PROMPT = PromptSettings(system="Answer from the context.", user="{context}\n\n{question}")


def make_suite(name: str = "demo", questions: int = 12, **changes: Any) -> Suite:
    """Question i asks for the code of item i, which passage i states; two share a document."""
    examples = tuple(
        QAExample(
            id=f"q{i}",
            question=f"Which code has item {i} of {name}?",
            references=(f"code-{i}",),
            facts=(f"code-{i}", f"item {i}"),
            relevant=(f"p{i}",),
            document=f"d{i // 2}",
        )
        for i in range(questions)
    )
    passages = [
        Passage(id=f"p{i}", title=f"Item {i}", text=f"item {i} of {name} has the code code-{i}")
        for i in range(questions)
    ]
    settings: dict[str, Any] = {
        "name": name,
        "path": Path(f"suites/{name}/suite.toml"),
        "examples": examples,
        "passages": {passage.id: passage for passage in passages},
        "retrieval": RetrievalSettings(k=2),
        "prompt": PROMPT,
        "fingerprint": f"content of {name}",
    }
    return Suite(**settings | changes)


@dataclass
class NumberRetriever:
    """Finds the passage whose number stands in the question, and the one after it."""

    suite: Suite
    calls: int = 0

    @property
    def fingerprint(self) -> str:
        return fingerprint([(p.id, p.title, p.text) for p in self.suite.passages.values()])

    description = "by number"
    notes = ()

    def passages(self, ids: Iterable[str]) -> dict[str, Passage]:
        return {i: self.suite.passages[i] for i in ids}

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        self.calls += 1
        ids = list(self.suite.passages)
        found = []
        for query in queries:
            numbers = [int(word) for word in query.split() if word.isdigit()]
            near = [(n + step) % len(ids) for n in numbers[:1] for step in range(k)]
            found.append(tuple(Hit(passage_id=ids[n], score=1 / (1 + n)) for n in near))
        return found


@dataclass
class BrokenRetriever:
    fingerprint = "broken"
    description = "broken"

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        raise RetrievalError("the server is gone")


@dataclass
class ToyEngine:
    key: str = "toy"
    released: int = 0

    def release(self) -> None:
        self.released += 1


@dataclass
class Toy:
    """Answers with the context's first line, and says in which batch that was computed.

    `batch_rows` is the batch's size and `completion_tokens` a checksum of what was in it, so that
    an answer computed in another batch is another answer, as with a real model.
    """

    name: str = "toy"
    engine: ToyEngine | None = field(default_factory=ToyEngine)
    rows: int = 4
    answer: Callable[[Request], str] = lambda request: request.prompt.passages[0].text
    failing: frozenset[str] = frozenset()
    """Questions that fail by themselves."""
    broken_after: int | None = None
    """Calls after which the model cannot go on."""
    before: Callable[[int], None] = lambda call: None
    calls: list[list[str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        return f"toy {self.name}"

    def check(self, suite: str, ids: Sequence[str]) -> None:
        pass

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        order = sorted(range(len(requests)), key=lambda i: len(requests[i].prompt.question))
        return [order[i : i + self.rows] for i in range(0, len(order), self.rows)]

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        self.calls.append([f"{request.suite}/{request.id}" for request in batch])
        self.before(len(self.calls))
        if self.broken_after is not None and len(self.calls) > self.broken_after:
            raise GenerationError(f"{self.name} is broken")
        mixture = int(fingerprint([request.prompt.question for request in batch])[:6], 16)
        return [
            Answer(text="", finish="error", error="it does not fit")
            if request.id in self.failing
            else Answer(
                text=self.answer(request),
                finish="stop",
                batch_rows=len(batch),
                completion_tokens=mixture,
            )
            for request in batch
        ]


@dataclass
class WordJudge:
    """Accuracy: a reference stands in the answer. Completeness: share of facts that do."""

    name: str = "words"
    version: str = "1"
    reads_passages: bool = False
    failing: frozenset[str] = frozenset()
    """Questions without a score."""
    broken: Callable[[Case], bool] = lambda case: False
    before: Callable[[int], None] = lambda call: None
    calls: list[int] = field(default_factory=list)
    metrics = ("accuracy", "completeness")

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self.version)

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        self.calls.append(len(cases))
        self.before(len(self.calls))
        if any(self.broken(case) for case in cases):
            raise JudgeError("the judge is broken")
        return [self._judge(case) for case in cases]

    def _judge(self, case: Case) -> dict[str, Score]:
        example = case.example
        if example.id in self.failing:
            return {
                metric: Score(metric=metric, value=None, status="missing", reason="no reply")
                for metric in self.metrics
            }
        found = [fact for fact in example.facts if fact in case.answer]
        right = any(reference in case.answer for reference in example.references)
        return {
            "accuracy": Score(metric="accuracy", value=float(right), reason="looked for it"),
            "completeness": Score(
                metric="completeness",
                value=len(found) / len(example.facts) if example.facts else 1.0,
                evidence={"covered": tuple(found), "passages": len(case.passages)},
            ),
        }


@dataclass
class Watched:
    """Remembers the phases that were shown, and how far each came."""

    phases: list[tuple[str, int]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    done: int = 0

    def phase(self, title: str, total: int, unit: str) -> AbstractContextManager[Watched]:
        return self._phase(title, total)

    @contextmanager
    def _phase(self, title: str, total: int) -> Iterator[Watched]:
        self.phases.append((title, total))
        self.done = 0
        yield self
        assert self.done <= total
        self.ends.append(self.done)

    def advance(self, done: int, what: str = "") -> None:
        self.done += done


def make_evaluator(
    store: Store,
    generators: Mapping[str, Toy],
    suites: Sequence[Suite] = (),
    judge: WordJudge | None = None,
    **settings: Any,
) -> Evaluator:
    """An evaluator of one generator a variant, the same on every suite."""
    suites = suites or [make_suite()]
    open_retriever = settings.pop("retriever_of", NumberRetriever)
    opened: dict[str, Any] = {}

    def retriever_of(suite: Suite) -> Any:
        return opened.get(suite.name) or opened.setdefault(suite.name, open_retriever(suite))

    return Evaluator(
        store=store,
        judge=judge or WordJudge(),
        suites={suite.name: suite for suite in suites},
        generators={(name, s.name): toy for name, toy in generators.items() for s in suites},
        retriever_of=retriever_of,
        progress=settings.pop("progress", Watched()),
        **settings,
    )


def everything(evaluator: Evaluator, *variants: str) -> dict[tuple[str, str], None]:
    """All arms, completely."""
    names = variants or tuple(dict.fromkeys(name for name, _ in evaluator.generators))
    return {(name, suite): None for suite in evaluator.suites for name in names}


def kill_myself(_: object = None) -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), 9)
