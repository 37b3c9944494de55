"""What a model thought aloud, told from what it answered. Reasoning is shown, never judged.

Reasoning stands between markers, in any case: ``<think>`` (also ``thinking``, ``thought``,
``reason``, ``reasoning``, ``scratchpad``, ``seed:think``), ``[THINK]``, ``◁think▷``,
``<|begin_of_thought|>``, ``<|START_THINKING|>`` (Cohere), ``<|inner_prefix|>`` (Apertus),
``<|channel>`` (Gemma 4), ``<unused94>`` (MedGemma), "Here is my thought process:" (Granite 3.2), or
in the channels of gpt-oss (harmony). The rule, where a marker could as well be quoted:

- at the head of an answer, or right behind reasoning, an opening marker begins reasoning; the
  next closing marker of its kind ends it. Without one the model was cut while it thought;
- a closing marker that none opened ends reasoning that the prompt opened: all before it;
- further on, too, a marker counts that begins or ends a line or is written onto what stands beside
  it; one in quotes or code, or like a word in a sentence ("the tag <think> opens it"), is text, and
  so is a closing one on the same line as an opening one that is text.

Where it is in doubt, text is taken for reasoning: a right word in what a model only thought must
not count as its answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where servers, and files of their answers, give reasoning apart from the answer."""

_NAMES = "think|thinking|thoughts?|reason|reasoning|scratchpad|seed:think"
_BARE_FINAL = "assistantfinal"

# One class of characters first, for which the engine skips through a text.
_MARKER = re.compile(
    r"[<\[◁](?:"
    rf"(?<=<)[ \t]?(?:(?P<open>{_NAMES})|/[ \t]?(?P<close>{_NAMES}))[ \t]?>"
    r"|(?<=\[)(?:(?P<open1>THINK)|(?P<close1>/THINK))\]"
    r"|(?<=◁)(?:(?P<open2>think)|(?P<close2>/think))▷"
    r"|(?<=<)\|(?:(?P<open3>begin_of_thought)|(?P<close3>end_of_thought))\|>"
    r"|(?<=<)\|(?:(?P<open4>START_THINKING)|(?P<close4>END_THINKING))\|>"
    r"|(?<=<)\|(?:(?P<open5>inner_prefix)|(?P<close5>inner_suffix))\|>"
    r"|(?<=<)(?:(?P<open6>\|channel>(?:thought\b)?)|(?P<close6>channel\|>))"
    r"|(?<=<)unused(?:(?P<open7>94>(?:thought\b)?)|(?P<close7>95>))"
    r")",
    re.IGNORECASE,
)
# What every marker holds: text without it, as nearly all is, is left alone at once.
_LIKELY = ("think", "thought", "reason", "scratchpad", "inner_", "channel", "<unused9", _BARE_FINAL)

# Markers as files of tokenizers and templates write them.
_IN_FILES = [
    text.encode()
    for text in (
        *(f"<{end}{name}>" for name in _NAMES.replace("?", "").split("|") for end in ("", "/")),
        *("[THINK]", "◁think▷", "<|begin_of_thought|>", "<|START_THINKING|>", "<|inner_prefix|>"),
        *("<|channel>", "<|channel|>", "<unused94>", "my thought process:", "<thought>"),
        *("\\u003cthink", "\\u25c1think"),  # as JSON may escape them
    )
]

_CHANNEL_TOKENS = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>")
_CHANNELS = re.compile(r"\s*(?:<\|start\|>\s*assistant\s*)?<\|channel\|>")
_NEXT_CHANNEL = re.compile(r"<\|start\|>\s*assistant[^<]{0,200}<\|channel\|>")
_CHANNEL_TOKEN = re.compile(r"(<\|(?:start|channel|message|end|return|call)\|>)")
_FINAL = re.compile(r"\s*final\b")
# What is left of the channels where a tokenizer dropped its special tokens.
_BARE_CHANNELS = re.compile(r"\s*analysis(?=\S)")

_PHRASE = re.compile(r"\s*Here(?: is|'s|’s) my thought process:", re.IGNORECASE)
_PHRASE_END = re.compile(r"Here(?: is|'s|’s) my response:", re.IGNORECASE)

# What some models put around the answer that follows their reasoning.
_WRAPPER = re.compile(
    r"\s*(?:<answer>|<\|begin_of_solution\|>|<\|START_RESPONSE\|>|<response>)", re.IGNORECASE
)
_WRAPPER_END = re.compile(
    r"(?:</answer>|<\|end_of_solution\|>|<\|END_RESPONSE\|>|</response>)\s*\Z", re.IGNORECASE
)
# Longest wrapper's end with some white space.
_TAIL = 40

_AROUND = frozenset("\"'`“”‘’„«»()[]*_")
_LIST_ITEM = re.compile(r"\s*(?:\d{1,3}[.)]|[-*•+])\s*")
_IN_SENTENCE = frozenset(",;:(-–—'\"”’`*_)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A text in its parts."""

    text: str
    """What was answered: the text as it was where nothing marks reasoning; else stripped."""
    reasoning: str = ""
    cut: bool = False
    """Whether the reasoning never ended, so that there is no answer."""


def split_reasoning(text: str, *, opened: str = "", apart: str = "") -> Reasoned:
    """Tell reasoning from answer; see the module's text for the rule. Never raises; linear time.

    Args:
        text: What a model said.
        opened: The marker with which its prompt ended (`opening_of`); empty for none or unknown.
        apart: Reasoning that came in a field of its own, as from a server that has split it.
    """
    found = None
    lower = text.lower()
    if opened or any(part in lower for part in _LIKELY):
        said = opened + text
        found = _by_channels(said) or _by_phrases(said) or _by_markers(said)
    parts = found or Reasoned(text=text)
    if apart.strip():
        thought = "\n\n".join(filter(None, (apart.strip(), parts.reasoning)))
        parts = Reasoned(text=parts.text, reasoning=thought, cut=not parts.text.strip())
    return parts


def opening_of(prompt: str) -> str:
    """The marker with which a prompt leaves reasoning open; empty where it does not."""
    tail = prompt.rstrip()[-100:]
    for opened in re.finditer(r"<\|channel\|>\s*analysis\s*<\|message\|>", tail):
        if opened.end() == len(tail):
            return opened[0]
    marks = list(_MARKER.finditer(tail))
    if marks and marks[-1].end() == len(tail) and not _kind(marks[-1])[1]:
        return marks[-1][0]
    return ""


def markers_among(tokens: Collection[str]) -> set[str]:
    """Those of a vocabulary's special tokens that `split_reasoning` looks for."""
    channels = _CHANNEL_TOKENS if "<|channel|>" in tokens else ()
    return {token for token in tokens if token in channels or _MARKER.fullmatch(token)}


def knows_markers(content: bytes) -> bool:
    """Whether the file of a tokenizer or of a chat template names a marker."""
    return any(marker in content for marker in _IN_FILES)


def _parts(said: list[str], thought: list[str], *, unended: bool) -> Reasoned:
    text = "\n\n".join(filter(None, (part.strip() for part in said)))
    if wrapper := _WRAPPER.match(text):
        text = text[wrapper.end() :]
        if end := _WRAPPER_END.search(text, max(0, len(text) - _TAIL)):
            text = text[: end.start()]
        text = text.strip()
    reasoning = "\n\n".join(filter(None, (part.strip() for part in thought)))
    return Reasoned(text=text, reasoning=reasoning, cut=unended and not text)


def _by_channels(text: str) -> Reasoned | None:
    """The format harmony: the answer is what stands in the channel ``final``."""
    if _CHANNELS.match(text) or _NEXT_CHANNEL.search(text):
        return _channels(text)
    if (bare := _BARE_CHANNELS.match(text)) and _BARE_FINAL in text:
        thought, _, said = text[bare.end() :].rpartition(_BARE_FINAL)
        return _parts([said], [thought], unended=False)
    return None


def _channels(text: str) -> Reasoned:
    said: list[str] = []
    thought: list[str] = []
    # A prompt may have opened the first message.
    is_message, final = True, False
    for piece in _CHANNEL_TOKEN.split(text):
        if _CHANNEL_TOKEN.fullmatch(piece):
            header = piece in ("<|start|>", "<|channel|>")
            is_message = piece == "<|message|>" or not header
            if piece == "<|start|>":
                final = False
        elif is_message:
            (said if final else thought).append(piece)
        else:
            final = _FINAL.match(piece) is not None
    return _parts(said, thought, unended=not said)


def _by_phrases(text: str) -> Reasoned | None:
    begun = _PHRASE.match(text)
    if begun is None:
        return None
    ended = _PHRASE_END.search(text, begun.end())
    if ended is None:
        return _parts([], [text[begun.end() :]], unended=True)
    return _parts([text[ended.end() :]], [text[begun.end() : ended.start()]], unended=False)


def _by_markers(text: str) -> Reasoned | None:
    marks = list(_MARKER.finditer(text))
    return _Markers(text, marks).parts() if marks else None


def _kind(mark: re.Match[str]) -> tuple[str, bool]:
    """What a marker opens or closes, and whether it closes."""
    group = mark.lastgroup or ""
    closing = group.startswith("close")
    number = group.removeprefix("close" if closing else "open")
    return number or mark[group].casefold(), closing


@dataclass(slots=True)
class _Markers:
    """One pass over the markers of a text. All counters run on, so that it takes linear time."""

    text: str
    marks: list[re.Match[str]]
    last: dict[str, int] = field(default_factory=dict)
    """Where the last closing marker of each kind, backtick and fence of code begin."""
    said: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)
    counted: bool = False
    """Whether any marker counted."""
    start: int = 0
    """Of the present stretch of text, behind the last marker that counted."""
    inside: str | None = None
    """The kind of reasoning that is open."""
    nested: int = 0
    """Openings of its own kind within the last reasoning."""
    loose: str | None = None
    """Kind of an opening marker on this line that is text."""
    ticks: int = 0
    """Backticks on this line of the present stretch."""
    fences: int = 0
    """Fences of code in the present stretch."""

    def parts(self) -> Reasoned | None:
        self.last = {code: self.text.rfind(code) for code in ("`", "```")}
        self.last |= {_kind(m)[0]: m.start() for m in self.marks if _kind(m)[1]}
        ends = [0, *(mark.end() for mark in self.marks)]
        starts = [*(mark.start() for mark in self.marks), len(self.text)]
        for i, mark in enumerate(self.marks):
            kind, closing = _kind(mark)
            before = self.text[ends[i] : starts[i]]
            if self.inside is not None:
                self._go_on(mark, kind, closing)
                continue
            self._count(before)
            after = self.text[ends[i + 1] : starts[i + 1]][:200].partition("\n")[0]
            if self._counts(mark, before, after):
                self._take(mark, kind, closing)
            elif not closing:
                self.loose = kind
        rest = self.text[self.start :]
        (self.said if self.inside is None else self.thought).append(rest)
        if not self.counted:
            return None
        return _parts(self.said, self.thought, unended=self.inside is not None)

    def _go_on(self, mark: re.Match[str], kind: str, closing: bool) -> None:
        if kind != self.inside:
            return
        if closing:
            self.thought.append(self.text[self.start : mark.start()])
            self.inside = None
            self._begin(mark.end())
        else:
            self.nested += 1

    def _take(self, mark: re.Match[str], kind: str, closing: bool) -> None:
        stretch = self.text[self.start : mark.start()]
        if closing:
            self.thought.append(stretch)
            self.nested = max(0, self.nested - 1)
        else:
            self.said.append(stretch)
            self.inside, self.nested = kind, 0
        self.counted = True
        self._begin(mark.end())

    def _begin(self, start: int) -> None:
        self.start, self.loose, self.ticks, self.fences = start, None, 0, 0

    def _count(self, before: str) -> None:
        self.fences += before.count("```")
        line = before.rpartition("\n")
        if line[1]:
            self.loose, self.ticks = None, 0
        self.ticks += line[2].count("`")

    def _counts(self, mark: re.Match[str], before: str, after: str) -> bool:
        """Whether a marker is one, between the texts on both sides up to the next markers."""
        kind, closing = _kind(mark)
        at_head = mark.start() - len(before) == self.start and not before.strip()
        if at_head or (closing and self.nested):
            return True
        if self._is_quoted(mark, before, after) or (closing and self.loose == kind):
            return False
        line = before.rpartition("\n")
        if self._follows_words(line[2]):
            return not (_is_mid_sentence(after) if closing else not after[:1].isalnum())
        # One that opens behind a full stop may still be spoken of.
        ended = self.last.get(kind, -1) > mark.start()
        alone = bool(line[1]) and not line[2].strip()
        return closing or ended or alone or self.counted or not line[2][-1:].isspace()

    def _is_quoted(self, mark: re.Match[str], before: str, after: str) -> bool:
        if before[-1:] in _AROUND and after[:1] in _AROUND and before and after:
            return True
        if self.fences % 2 and self.last["```"] >= mark.end():
            return True
        return bool(self.ticks % 2) and self.last["`"] >= mark.end()

    @staticmethod
    def _follows_words(line: str) -> bool:
        stripped = line.rstrip()
        if stripped == line or not stripped:
            return False
        last = stripped[-1]
        return last.isalnum() or last in _IN_SENTENCE or bool(_LIST_ITEM.fullmatch(line))


def _is_mid_sentence(after: str) -> bool:
    """Whether a sentence goes on: with punctuation, or with a word that is not capitalised."""
    if after[:1] and after[:1] in ",.;:!?)":
        return True
    word = after.lstrip()
    return word != after and word[:1].isalpha() and not word[:1].isupper()
