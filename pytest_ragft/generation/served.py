"""Models behind an OpenAI-compatible server, asked by chat completions or by raw prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.completions import Api, answer_of, read_reply
from pytest_ragft.endpoint.client import Post
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import require_packages
from pytest_ragft.generation.served_listing import window_of
from pytest_ragft.generation.served_model import Found, ServedModel, duration, identity_of
from pytest_ragft.generation.served_request import FEWEST, Form, is_too_long, text_of, was_cut
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.records import Answer, Prompt, Request

ALGORITHM = 1
"""Raised when a prompt would be asked, or a reply read, differently."""

UNVERIFIED = "identity unverified"
"""What the note of every served model begins with."""

_UNUSED = ("dtype", "device", "batch_tokens")
_FILTER_CODES = ("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation")
_CONSEQUENCES: Mapping[str, str] = {
    "temperature": "it decides how answers are drawn",
    "seed": "it draws by a seed of its own",
    "stop": "answers are cut there once they have come",
    "max_tokens": "max_completion_tokens was sent instead",
    "system": "the system prompt stands in the question",
}


class ServedGenerator:
    """Answers of a model behind a server, greedy as far as the server grants it.

    Args:
        model: which is shared with other generators that ask it.
        api: of the server that is asked.
        settings: how answers are decoded.
    """

    def __init__(self, model: ServedModel, api: Api, settings: GenerationSettings) -> None:
        self._model = model
        self._settings = settings
        self._stop = settings.stop or ()
        self._form = Form(
            api=api, model=model.name, stop=tuple(self._stop), thinking=settings.thinking
        )
        self._configurations: set[str] = set()

    @property
    def fingerprint(self) -> str:
        """Server, name, what it says and grants, its answer to a probe, and the settings.

        The server is asked where it was not in this run.

        Raises:
            GenerationError: it cannot be asked.
        """
        found = self._model.find(self._form)
        return json_fingerprint(
            {
                "served": ALGORITHM,
                "url": self._model.url,
                "name": self._model.name,
                "api": self._form.api,
                "found": identity_of(found),
                "stop": list(self._stop),
                "thinking": self._form.thinking,
                "max_new_tokens": self._settings.max_new_tokens,
            }
        )

    @property
    def since(self) -> str:
        """When the answers that count began to be asked for, in seconds since 1970."""
        return self._model.since(self.fingerprint)

    @property
    def engine(self) -> ServedModel:
        """The model, by its server and name."""
        return self._model

    @property
    def usage(self) -> Usage:
        """Calls and tokens so far, of all that ask this model."""
        return self._model.usage

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about it."""
        model, found = self._model, self._model.known(self._form)
        old = f"older than {duration(model.max_age)}" if model.max_age else "of earlier runs"
        notes = [
            f"{UNVERIFIED}: whoever runs {model.url} may put another model under the name "
            f"{model.name!r}; no answer {old} counts (--ragft-max-age)"
        ]
        if unused := [name for name in _UNUSED if getattr(self._settings, name) is not None]:
            notes.append(f"{', '.join(unused)} under [generation] not applied: its server decides")
        if found is not None:
            notes += self._found_notes(found)
        if len(self._configurations) > 1:
            notes.append(
                f"its server answered with {len(self._configurations)} configurations "
                "(system_fingerprint) in this run"
            )
        return tuple(notes)

    def _found_notes(self, found: Found) -> list[str]:
        notes = []
        lacking = [
            f"{part} ({why})"
            for part, why in _CONSEQUENCES.items()
            if part in self._form.wants and part not in found.granted
        ]
        if lacking:
            notes.append(f"its server does not grant {', '.join(lacking)}")
        if self._form.thinking and not found.applied:
            notes.append(
                f'thinking = "{self._form.thinking}" under [generation] was not applied: its '
                "server does nothing with chat_template_kwargs"
            )
        if found.model and found.model.casefold() != self._model.name.casefold():
            notes.append(f"its server calls it {found.model!r}")
        if found.is_listed is False:
            notes.append("its server's list of models lacks its name")
        return notes

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Find out whether servers can be asked from here at all; asks nothing.

        Raises:
            MissingDependencyError: a package of the extra ``endpoint`` is not installed.
        """
        if not self._model.offline:
            require_packages("aiohttp", "tenacity", extra="endpoint", purpose="a served model")

    def negotiate(self) -> None:
        """Ask the server what it is, unless that is done.

        Raises:
            GenerationError: it cannot be asked, or answers for another model.
            StoreError: what was found cannot be kept.
        """
        self._model.find(self._form)

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Each request by itself: what is missing is asked, and nothing else."""
        return [[at] for at in range(len(requests))]

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """Answers to one batch, in its order, all of it under way as far as limits allow.

        A request that fails by itself is an `Answer` with `error`.

        Raises:
            GenerationError: the server cannot be asked.
        """
        self.negotiate()
        found: dict[int, Answer] = {}
        for some in self._model.answer_concurrently((self, asked) for asked in batch):
            found.update(some)
        return [found[at] for at in range(len(batch))]

    async def answer(self, post: Post, *, asked: Request) -> Answer:
        """The answer to one request, without the last passages where the server finds it too long.

        Args:
            post: makes a call.
            asked: what is asked.
        """
        found = self._model.find(self._form)
        parts, prompt = frozenset(found.granted), asked.prompt
        keep = self._fitting(prompt, found)
        while True:
            body = self._form.body(
                asked, max_tokens=self._settings.max_new_tokens, parts=parts, keep=keep
            )
            reply = await post(self._form.path, body)
            if keep == 0 or not is_too_long(reply):
                return self._read(reply, prompt, keep, found)
            keep -= 1
            self.usage.reasked += 1

    def _fitting(self, prompt: Prompt, found: Found) -> int:
        """Passages that may fit: no word is less than a token, so that more need not be asked."""
        window = window_of(found.listed)
        keep = len(prompt.passages)
        if window is not None:
            room = (window - self._settings.max_new_tokens) / FEWEST
            while keep and len(text_of(prompt, keep).split()) > room:
                keep -= 1
        return keep

    def _read(self, reply: Reply, prompt: Prompt, keep: int, found: Found) -> Answer:
        dropped = len(prompt.passages) - keep
        if reply.error is not None:
            why = reply.error
            if reply.code in _FILTER_CODES:
                why = f"its content filter refused the prompt: {why}"
            elif keep == 0 and is_too_long(reply):
                why = f"the prompt is too long without any passage: {why}"
            return _failed(why, dropped)
        said = read_reply(reply.value, self._form.api)
        if said.error is not None:
            return _failed(said.error, dropped)
        if said.model and found.model and said.model != found.model:
            return _failed(
                f"its server answered for {said.model!r}, and for {found.model!r} when the run "
                "began; run again",
                dropped,
            )
        if was_cut(text_of(prompt, keep), said):
            return _failed(
                f"its server read {said.prompt_tokens:,} tokens of a prompt that has more words: "
                "it cuts prompts to its window; raise that (Ollama: num_ctx), or show fewer "
                "passages (k under [retrieval])",
                dropped,
            )
        if said.system_fingerprint:
            self._configurations.add(said.system_fingerprint)
        return answer_of(
            said, stop=self._stop, dropped=dropped, platform=f"server {self._model.url}"
        )


def _failed(why: str, dropped: int) -> Answer:
    return Answer(text="", finish="error", error=why, passages_dropped=dropped)


def usages(generators: Iterable[object]) -> Usage:
    """The calls of the served models among generators, each model once."""
    models = {id(g.engine): g.usage for g in generators if isinstance(g, ServedGenerator)}
    return sum(models.values(), start=Usage())
