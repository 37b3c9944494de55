"""What decides a product, as the key that it is stored under."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.judging.checks import check_identity
from pytest_ragft.records import Passage, Prompt, QAExample, Request
from pytest_ragft.store import fingerprint


def hits_key(retriever: str, queries: Sequence[str], k: int) -> str:
    """Key of the frozen hits of a suite's questions."""
    return fingerprint("hits", retriever, k, queries)


def texts_key(hits: str) -> str:
    """Key of the texts of hits that are kept under the key `hits`."""
    return fingerprint("passages", hits)


def prompt_fingerprint(prompt: Prompt) -> str:
    """Identity of all that a variant is shown."""
    passages = _plain(prompt.passages)
    return fingerprint("prompt", prompt.system, prompt.user, prompt.question, passages)


def answer_key(generator: str, prompt: str, limit: int | None, request: Request) -> str:
    """Key of one answer to a prompt of that fingerprint.

    `limit` belongs to it because batches are cut after it, and a row's floats depend on its batch.
    So does which draw it is: batches hold one draw of each question. How many draws there are does
    not, so that the first ones stay when more are asked for; and the first greedy one is the answer
    that a question without draws has.
    """
    of = request.sampling
    if of is None and request.sample == 0:
        return fingerprint("answer", generator, prompt, limit)
    drawn = None if of is None else [of.temperature, of.top_p, of.seed]
    return fingerprint("answer", generator, prompt, limit, [request.sample, drawn])


def judged_fingerprint(example: QAExample) -> str:
    """Identity of a question with all that a judge reads of it."""
    return fingerprint("judged", *_judged(example))


def score_key(
    judge: str,
    metrics: Sequence[str],
    judged: str,
    answer: str,
    passages: Sequence[Passage] | None,
) -> str:
    """Key of the scores of an answer to a question of that fingerprint.

    `metrics` are those that the judge was asked for: the scores of fewer are no scores of more.
    `passages` is None where the judge does not read them.
    """
    return fingerprint(
        "score", judge, metrics, judged, answer, None if passages is None else _plain(passages)
    )


def example_fingerprint(example: QAExample) -> str:
    """Identity of a question with all that a comparison depends on."""
    return fingerprint(*_judged(example), example.document, example.relevant)


def _judged(example: QAExample) -> tuple[object, ...]:
    return (
        example.question,
        example.type,
        example.references,
        example.facts,
        example.answerable,
        # Without checks a question is what it was before there were any.
        *check_identity(example.checks),
    )


def _plain(passages: Sequence[Passage]) -> list[tuple[str, str, str]]:
    return [(passage.id, passage.title, passage.text) for passage in passages]
