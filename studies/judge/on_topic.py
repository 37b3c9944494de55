"""Wrong answers as weak models give them: the question again, or what stands beside the answer.

People's labels hold few of either, since the labelled systems are good ones. A small model in a
retrieval-augmented pipeline gives little else where it fails: it repeats the question as a
statement, or copies a sentence of the right passage that is not the one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.records import QAExample
from studies.judge.labelled import Labelled, question_key
from studies.natural_questions import gold_passages

_ASKING = ("who", "what", "when", "where", "which", "how", "why", "whose", "whom")
_MOST_SENTENCES = 3
_ECHOED = 0.3
"""Share of the copied sentences that stand behind the repeated question."""


def echoes(items: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    """For each question one answer that says nothing beyond it; all of them are wrong.

    Left out are questions that hold words of a reference.
    """
    reader = Reader()
    return [
        _wrong(item, echo(item.example.question, rng), "echo")
        for item in _one_each(items)
        if not _holds(item.example.question, item.example, reader)
    ]


def beside(items: Sequence[Labelled], data: Path, rng: random.Random) -> list[Labelled]:
    """For each question sentences of its own passage that hold no word of a reference.

    They count as wrong: who answers with them has not found the answer. A paraphrase of a
    reference that shares no word with it may be among them, rarely.
    """
    from sentencex import segment

    reader, texts = Reader(), own_passages(data)
    made = []
    for item in _one_each(items):
        title, text = texts.get(item.group, ("", ""))
        sentences = [s.strip() for s in segment("en", text) if len(s.split()) > 3]
        others = [s for s in sentences if not _holds(s, item.example, reader)]
        if not others or _holds(title, item.example, reader):
            continue
        start = rng.randrange(len(others))
        said = " ".join(others[start : start + rng.randint(1, _MOST_SENTENCES)])
        if rng.random() < _ECHOED and not _holds(item.example.question, item.example, reader):
            said = f"{echo(item.example.question, rng)} {said}"
        made.append(_wrong(item, said, "beside"))
    return made


def own_passages(data: Path) -> dict[str, tuple[str, str]]:
    """Title and text of the gold passage of Natural Questions, by question."""
    return {question_key(gold.question): (gold.title, gold.text) for gold in gold_passages(data)}


def echo(question: str, rng: random.Random) -> str:
    """A question again, as small models repeat it."""
    asked = question.strip().rstrip("?. ")
    words = asked.split()
    rest = " ".join(words[1:] if words and words[0].casefold() in _ASKING else words)
    content = [word for word in words if len(word) > 3 and word.casefold() not in _ASKING]
    name = " ".join(rng.sample(content, k=min(len(content), rng.randint(1, 3)))) or rest
    said = rng.choice((
        asked, rest, f"The answer is: {asked}", f"The answer is: {rest}", f"{rest} is {name}",
        f"The {name} is {rest}", f"{rest}. {rest}", f"The question is {asked}",
        f"{name} is the one that {rest}", f"It is {name}", f"{rest} because {rest}",
    ))  # fmt: skip
    return said[:1].upper() + said[1:] + rng.choice(("", ".", ".", "?"))


def _one_each(items: Sequence[Labelled]) -> Iterator[Labelled]:
    yield from {item.group: item for item in items}.values()


def _holds(text: str, example: QAExample, reader: Reader) -> bool:
    """Whether `text` has a word of a reference, beyond the question's where it has others."""
    asked = frozenset(reader.read(example.question).content)
    said = reader.read(text).keywords
    for reference in example.references:
        wanted = reader.read(reference).keywords
        if said & ((wanted - asked) or wanted):
            return True
    return False


def _wrong(item: Labelled, answer: str, system: str) -> Labelled:
    return Labelled(
        example=item.example, answer=answer, right=False, system=system, group=item.group
    )
