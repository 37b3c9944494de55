"""Records of a question on its way to an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

QuestionType = Literal["factoid", "yesno", "list", "number", "date", "summary"]
Finish = Literal["stop", "length", "content_filter", "recorded", "error"]
Knowledge = Literal["retrieved", "gold", "none"]
"""What a question is asked with: the passages that were retrieved, those that it names as
relevant, or none at all. Gates speak about ``retrieved`` only."""

NAME = re.compile(r"[A-Za-z0-9._-]+")
"""What the name of a suite, a variant, a saved baseline or a slice consists of."""

BASELINE = "baseline"
"""Name of the variant that all others are compared with."""

_TEMPLATE_FIELDS = re.compile(r"(\{context\}|\{question\})")


CHECKS = "checks"
"""The metric of questions with `Check`s: 1 where an answer holds all of them, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule that an answer holds or not, whatever it says otherwise."""

    name: str
    """Such as ``max_words``."""
    value: bool | int | float | str | tuple[str, ...]
    """What it asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QAExample:
    """A question with what is needed to judge an answer to it."""

    id: str
    question: str
    references: tuple[str, ...]
    """Reference answers; the first is the fullest, the others are accepted alternatives."""
    facts: tuple[str, ...] = ()
    """Statements that an answer must contain to be complete."""
    relevant: tuple[str, ...] = ()
    """Ids of the passages that hold the answer."""
    document: str | None = None
    """The cluster: questions on one document are not independent. None: its own cluster."""
    answerable: bool = True
    type: QuestionType | None = None
    tags: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    """Rules that decide alone whether an answer is right; the references are examples of right
    answers then, and may be left out. Empty: the references decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A unit of corpus text, as it is retrieved and shown to the model."""

    id: str
    text: str
    title: str = ""
    document: str | None = None
    parent: str | None = None
    """Id of the corpus line that it was cut from; None for a passage that is a whole line."""

    @property
    def source(self) -> str:
        """The id that relevance is stated by: the parent's, or its own."""
        return self.id if self.parent is None else self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A retrieved passage; lists of hits are ordered best first."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a generator is asked: templates, question and passages, still apart.

    They stay apart because only the generator knows its window: a prompt that is too long loses
    whole passages from the end, never half of one.
    """

    system: str
    """System message; empty for none."""
    user: str
    """Template of the user message with ``{context}`` and ``{question}``."""
    question: str
    passages: tuple[Passage, ...] = ()

    def messages(self, keep: int | None = None) -> list[dict[str, str]]:
        """Chat messages over the first `keep` passages (all of them by default)."""
        context = "\n\n".join(
            f"{p.title}\n{p.text}" if p.title else p.text for p in self.passages[:keep]
        )
        # One pass over the template: a passage that contains "{question}" stays as it is.
        parts = {"{context}": context, "{question}": self.question}
        pieces = _TEMPLATE_FIELDS.split(self.user)
        user = "".join(parts.get(piece, piece) for piece in pieces)
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": user}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How one answer is sampled."""

    temperature: float
    """Above 0."""
    top_p: float | None = None
    """In (0, 1]; None: every token may be drawn."""
    seed: int
    """Of this draw of this question, in [0, 2³¹): the same for baseline and variants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question put to a generator; recorded answers are found by suite, id and sample."""

    suite: str
    id: str
    prompt: Prompt
    """Where the order of passages varies, in the order of this draw."""
    sample: int = 0
    """Which of the question's answers this is, from 0."""
    samples: int = 1
    """Of so many."""
    sampling: Sampling | None = None
    """How it is drawn; None: greedy."""
    knowledge: Knowledge = "retrieved"
    """What `prompt` holds; recorded answers are found by it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a variant answered, with what happened on the way."""

    text: str
    finish: Finish
    """``length``: cut at max_new_tokens; ``content_filter``: cut or withheld by a server's filter;
    ``error``: nothing was generated, `error` says why."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    passages_dropped: int = 0
    """Passages left out, from the end, because the prompt exceeded the model's window."""
    batch_rows: int | None = None
    """Rows in the batch that it was computed in, after any halving for memory."""
    error: str | None = None
    absent: str = ""
    """What stood in the place of a text, such as ``null`` or ``a call of a tool``."""
    platform: str = ""
    """Device, kernels and libraries that computed it; empty where they are unknown."""
    reasoning: str = ""
    """What it thought aloud before and between, without the markers; never judged."""
    reasoning_cut: bool = False
    """Whether its reasoning never ended, so that `text` is empty."""

    @property
    def unanswered(self) -> str:
        """Why there is no answer, where it only thought or is absent; empty for every other."""
        if self.reasoning_cut:
            return f"cut while thinking (finish: {self.finish})"
        if self.reasoning and not self.text.strip():
            return f"no answer after its reasoning (finish: {self.finish})"
        if self.finish == "content_filter" and not self.text.strip():
            return "the server's content filter withheld the answer"
        if self.absent and not self.text.strip():
            who = "recorded" if self.finish == "recorded" else "server's"
            return f"the {who} answer is {self.absent}"
        return ""
