"""Contract tests for judges, retrievers and generators of one's own.

Plain functions for a test file of yours; each raises `AssertionError` with what is wrong::

    from pytest_ragft.testing import check_judge

    def test_my_judge():
        check_judge(MyJudge())
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NoReturn, TypeVar

from pytest_ragft.errors import RagftError, described
from pytest_ragft.generation.own import PORT as GENERATOR
from pytest_ragft.generation.own import OwnGenerator
from pytest_ragft.generation.port import Generator
from pytest_ragft.importing import Loaded, Port, expect_port
from pytest_ragft.judging.guarding import NoScoreError, listed, sound_score
from pytest_ragft.judging.own import PORT as JUDGE
from pytest_ragft.judging.own import OwnJudge
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import Answer, Case, Hit, Passage, Prompt, QAExample, Request, Score
from pytest_ragft.retrieval.own import PORT as RETRIEVER
from pytest_ragft.retrieval.own import OwnRetriever
from pytest_ragft.retrieval.port import Retriever

__all__ = ["check_generator", "check_judge", "check_retriever", "hostile_texts"]

_T = TypeVar("_T")


@cache
def hostile_texts() -> tuple[str, ...]:
    """Texts that have ended somebody's program: empty, NUL, half a pair, hex words, all digits."""
    numeric = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isnumeric())
    return (
        *("", " \n\t", "\x00", "half a pair \ud800", "\u202e\u2066 odd directions", "🦉" * 50),
        *("ATC code A09AB04", "6ec7d31", "a1b2", "1e999", "nan", "-0", "1/0", "9" * 5000),
        *(numeric, "word " * 20_000, "{question} {context} {{x}}", "```json\n{\"score\": 1}\n```"),
        *("<think>unclosed", "]]></script><b>", "I do not know.", "\\ud800 \\x00 %s %(x)d $1"),
    )  # fmt: skip


def check_judge(
    judge: Judge, *, cases: Sequence[Case] = (), deterministic: bool = True
) -> None:  # fmt: skip
    """Hold a judge against its port: `pytest_ragft.judging.port.Judge`.

    Args:
        judge: whose `judge` is called many times.
        cases: that it is asked; by default some ordinary ones, and `hostile_texts` as answers,
            questions and references.
        deterministic: whether a case has the same scores each time, by itself and among others.
            What varies by chance widens what a gate cannot tell from a change.

    Raises:
        AssertionError: it does not keep the port; the message says how.
    """
    who = type(judge).__qualname__
    _expect_port(judge, JUDGE, who)
    loaded = Loaded(part=judge, target=who)
    _tried("contract", OwnJudge, loaded, name=judge.name, where=who)
    _expect_stable(lambda: judge.fingerprint, f"{who}: fingerprint")
    asked = list(cases) or _cases()
    scores = _judged(judge, asked)
    assert _judged(judge, []) == [], f"{who}: no cases must give an empty list"
    if not judge.reads_passages:
        other = (Passage(id="p", text="Another passage."),)
        moved = [Case(example=c.example, answer=c.answer, passages=other) for c in asked]
        if deterministic:
            _expect_same(_judged(judge, moved), scores, asked, f"{who}: reads_passages is False")
    if deterministic:
        _expect_same(_judged(judge, asked), scores, asked, f"{who}: asked twice")
        backwards = _judged(judge, asked[::-1])[::-1]
        _expect_same(backwards, scores, asked, f"{who}: asked in reverse order")
        alone = [_judged(judge, [case])[0] for case in asked]
        _expect_same(alone, scores, asked, f"{who}: asked one by one")


def check_retriever(
    retriever: Retriever,
    *,
    queries: Sequence[str] = ("What is this about?", "who and when"),
    k: int = 5,
    corpus: Sequence[Passage] = (),
) -> None:
    """Hold a retriever against its port: `pytest_ragft.retrieval.port.Retriever`.

    Args:
        retriever: one that can be asked.
        queries: that it is asked, beside `hostile_texts`; such as find something.
        k: hits a query.
        corpus: handed to its `index`, where it has one.

    Raises:
        AssertionError: it does not keep the port; the message says how.
    """
    who = type(retriever).__qualname__
    _expect_port(retriever, RETRIEVER, who)
    own = OwnRetriever(Loaded(part=retriever, target=who), tuple(corpus), offline=False)
    _tried(f"{who}: check()", own.check)
    asked = [*queries, *hostile_texts(), *queries]
    found = _tried(f"{who}: retrieve()", own.retrieve, asked, k)
    _expect_stable(lambda: retriever.fingerprint, f"{who}: fingerprint")
    for query, hits in zip(asked, found, strict=True):
        _expect_ranking(hits, f"{who}: the hits of {query!r:.60}")
    assert any(found[: len(queries)]), f"{who}: nothing was found; give queries that find something"
    assert _tried(f"{who}: retrieve([])", own.retrieve, [], k) == []
    alone = [_tried(f"{who}: retrieve()", own.retrieve, [q], k)[0] for q in asked]
    _expect_same(alone, found, asked, f"{who}: asked one by one")
    ids = dict.fromkeys(hit.passage_id for hits in found for hit in hits)
    _tried(f"{who}: passages()", own.passages, ids)
    _tried(f"{who}: close()", own.close)
    assert isinstance(own.description, str)


def check_generator(
    generator: Generator, *, requests: Sequence[Request] = (), deterministic: bool = True
) -> None:
    """Hold a generator against its port: `pytest_ragft.generation.port.Generator`.

    Args:
        generator: which answers every request a few times.
        requests: that it is asked; by default some ordinary ones, and `hostile_texts`.
        deterministic: whether a request has the same answer each time it is asked.

    Raises:
        AssertionError: it does not keep the port; the message says how.
    """
    who = type(generator).__qualname__
    _expect_port(generator, GENERATOR, who)
    own = OwnGenerator(Loaded(part=generator, target=who))
    _expect_stable(lambda: generator.fingerprint, f"{who}: fingerprint")
    asked = list(requests) or _requests()
    for suite in dict.fromkeys(request.suite for request in asked):
        ids = [request.id for request in asked if request.suite == suite]
        _tried(f"{who}: check()", own.check, suite, ids)
    batches = _tried(f"{who}: cut()", own.cut, asked)
    assert _tried(f"{who}: cut()", own.cut, asked) == batches, (
        f"{who}: cut() must give the same batches for the same requests"
    )
    assert _tried(f"{who}: cut([])", own.cut, []) == []
    answers = _answered(own, asked, batches, who)
    if deterministic:
        again = _answered(own, asked, batches, who)
        _expect_same(_texts(again), _texts(answers), asked, f"{who}: asked twice")
        for batch in batches:
            back = [asked[i] for i in reversed(batch)]
            texts = _texts(_tried(f"{who}: generate()", own.generate, back))[::-1]
            wanted = [answers[i].text for i in batch]
            _expect_same(texts, wanted, back[::-1], f"{who}: asked in reverse order")


def _cases() -> list[Case]:
    tower = QAExample(
        id="tower", question="Who built the tower?", references=("Gustave Eiffel", "Eiffel"),
        facts=("Eiffel",), relevant=("p1",), type="factoid",
    )  # fmt: skip
    plain = [
        Case(example=tower, answer="Gustave Eiffel built it."),
        Case(example=tower, answer="Nobody knows."),
        Case(
            example=QAExample(id="open", question="How many?", references=(), answerable=False),
            answer="I do not know.",
        ),
        Case(example=QAExample(id="bare", question="Why?", references=()), answer="Because."),
    ]
    texts = hostile_texts()
    # Suites hold no halves of pairs and no empty texts; answers may.
    held = [text for text in texts if text.strip() and "\ud800" not in text]
    return [
        *plain,
        *(Case(example=tower, answer=text) for text in texts),
        *(
            Case(example=QAExample(id="odd", question=text, references=(text,)), answer=text)
            for text in held
        ),
    ]


def _requests() -> list[Request]:
    texts = ("Who built the tower?", "How high is it?", *hostile_texts())
    return [
        Request(
            suite="contract",
            id=f"q{position}",
            prompt=Prompt(
                system="Answer briefly.",
                user="Context:\n{context}\n\nQuestion: {question}",
                question=text,
                passages=(Passage(id="p", title="Tower", text="Eiffel built it."),),
            ),
        )
        for position, text in enumerate(texts)
    ]


def _judged(judge: Judge, cases: Sequence[Case]) -> list[Mapping[str, Score]]:
    who = type(judge).__qualname__
    given = _tried(f"{who}: judge()", judge.judge, list(cases))
    try:
        every = listed(given, len(cases))
        scores = [{m: sound_score(m, of) for m in judge.metrics} for of in every]
    except NoScoreError as error:
        _fail(f"{who} {error}")
    except Exception as error:
        _fail(f"{who} gave what cannot be read: {described(error)}")
    return list(scores)


def _answered(
    own: OwnGenerator, asked: Sequence[Request], batches: Sequence[Sequence[int]], who: str
) -> list[Answer]:
    answers: dict[int, Answer] = {}
    for batch in batches:
        given = _tried(f"{who}: generate()", own.generate, [asked[i] for i in batch])
        assert len(given) == len(batch), (
            f"{who}: generate() gave {len(given)} answers to {len(batch)} requests"
        )
        answers.update(zip(batch, given, strict=True))
    return [answers[position] for position in range(len(asked))]


def _texts(answers: Sequence[Answer]) -> list[str]:
    return [answer.text for answer in answers]


def _expect_ranking(hits: Sequence[Hit], what: str) -> None:
    ids = [hit.passage_id for hit in hits]
    assert len(set(ids)) == len(ids), f"{what} hold a passage twice: {ids}"
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True), f"{what} are not best first: {scores}"


def _expect_port(part: object, port: Port, who: str) -> None:
    _tried("contract", expect_port, part, port, who, "the port")


def _expect_stable(read: Callable[[], object], what: str) -> None:
    assert read() == read(), f"{what} changes from one reading to the next"


def _expect_same(
    found: Sequence[object], wanted: Sequence[object], asked: Sequence[object], how: str
) -> None:
    for one, other, of in zip(found, wanted, asked, strict=True):
        assert one == other, (
            f"{how}, {of!r:.300} has another result: {one!r:.300}, not {other!r:.300}"
        )


def _tried(what: str, call: Callable[..., _T], *arguments: object, **named: object) -> _T:
    try:
        return call(*arguments, **named)
    except RagftError as error:
        _fail(f"{what}: {error}")
    except (Exception, SystemExit) as error:
        _fail(f"{what} raised {described(error)}; nothing may be raised for a single text")


def _fail(message: str) -> NoReturn:
    raise AssertionError(message) from None
