"""What decides a product, as the key that it is stored under."""

from __future__ import annotations

from pytest_ragft.records import Case, Passage, Prompt, QAExample
from pytest_ragft.store import fingerprint


def hits_key(retriever: str, queries: list[str], k: int) -> str:
    """Key of the frozen hits of a suite's questions."""
    return fingerprint("hits", retriever, k, queries)


def answer_key(generator: str, prompt: Prompt, limit: int | None) -> str:
    """Key of one answer.

    `limit` belongs to it because batches are cut after it, and a row's floats depend on its batch.
    """
    return fingerprint(
        "answer",
        generator,
        limit,
        prompt.system,
        prompt.user,
        prompt.question,
        [_passage(p) for p in prompt.passages],
    )


def score_key(judge: str, reads_passages: bool, case: Case) -> str:
    """Key of the scores of one answer; passages count only where the judge reads them."""
    passages = [_passage(p) for p in case.passages] if reads_passages else None
    return fingerprint("score", judge, *_judged(case.example), case.answer, passages)


def example_fingerprint(example: QAExample) -> str:
    """Identity of a question with all that its scores depend on."""
    return fingerprint(*_judged(example), example.document, example.relevant)


def _judged(example: QAExample) -> tuple[object, ...]:
    return (
        example.question,
        example.type,
        example.references,
        example.facts,
        example.answerable,
    )


def _passage(passage: Passage) -> tuple[str, str, str]:
    return passage.id, passage.title, passage.text
