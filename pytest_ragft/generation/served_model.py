"""A model behind a server: what is asked once a run, so that its answers are told from others'.

Nobody can prove which weights answer under a name. What a server says of itself, what it grants and
how it answers a probe is part of the identity; whatever changes unseen by all of these ends with
the time for which answers count.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from pytest_ragft.completions import Said, read_reply
from pytest_ragft.endpoint.capabilities import UnansweredError, negotiate
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.endpoint.settings import EndpointSettings
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.served_listing import Listing, is_called, read_listing
from pytest_ragft.generation.served_request import Form
from pytest_ragft.records import Answer, Request
from pytest_ragft.store import Latest, Store, fingerprint

if TYPE_CHECKING:
    from pytest_ragft.endpoint.client import Endpoint
    from pytest_ragft.generation.served import ServedGenerator

# A server that is busy, or still loading its model, is asked again.
_BUSY = (429, 503)
_OFFERED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a server said and granted when it was asked the probe."""

    granted: tuple[str, ...]
    """Parts of the API, sorted."""
    listed: Mapping[str, Any]
    """What its list of models says of this one; empty without."""
    is_listed: bool | None
    """Whether the list names it; None without a list."""
    model: str
    """What it calls the model in replies."""
    system_fingerprint: str
    probe: str
    """What the probe was answered; empty where decoding cannot be greedy."""
    applied: bool | None
    """Whether the switch for thinking makes a difference; None where none is set."""


class ServedModel:
    """The engine of generators that ask one model of one server. Nothing is asked when it is made.

    Args:
        name: of the model for the server.
        settings: where the server is, and how it is called.
        max_age: Seconds for which answers count; 0: those of this run alone.
        now: Seconds since 1970.
        store: Keeps what the server said, for offline runs and other processes of a run.
        offline: Never open a socket: what it said last counts.
    """

    def __init__(
        self,
        name: str,
        settings: EndpointSettings,
        *,
        max_age: float,
        now: float,
        store: Store | None,
        offline: bool,
    ) -> None:
        self.name = name
        self.url = settings.url
        self.max_age = max_age
        self.offline = offline
        self._settings = settings
        self._now = now
        self._run = "" if store is None else store.run
        self._memory = None if store is None else Latest(store, "served")
        self._found: dict[Form, Found | GenerationError] = {}
        self._since: dict[str, str] = {}

    @property
    def key(self) -> str:
        """The server and the model's name: processes that ask it take turns."""
        return f"server {self.url} {self.name}"

    def release(self) -> None:
        """There is nothing to free: connections end with each run of calls."""

    @cached_property
    def endpoint(self) -> Endpoint:
        """The client.

        Raises:
            MissingDependencyError: a package of the extra ``endpoint`` is not installed.
        """
        return self._settings.open()

    @property
    def usage(self) -> Usage:
        """Calls and tokens so far."""
        return self.endpoint.usage if "endpoint" in vars(self) else Usage()

    def answer_concurrently(
        self, work: Iterable[tuple[Generator, Request]]
    ) -> Iterator[Sequence[tuple[int, Answer]]]:
        """Answers as they come; see `port.Concurrent`."""

        def jobs() -> Iterator[Callable[..., Any]]:
            for generator, request in work:
                yield partial(cast("ServedGenerator", generator).answer, asked=request)

        return self.endpoint.stream(jobs())

    def known(self, form: Form) -> Found | None:
        """What the server said when it was asked; None where it was not."""
        found = self._found.get(form)
        return found if isinstance(found, Found) else None

    def find(self, form: Form) -> Found:
        """What the server says and grants, asked once a run.

        Raises:
            GenerationError: it cannot be asked, answers for another model, or was never asked and
                must not be now.
            StoreError: what was found cannot be kept.
        """
        if form not in self._found:
            try:
                self._found[form] = self._recall(form) if self.offline else self._ask(form)
            except GenerationError as error:
                self._found[form] = error
        found = self._found[form]
        if isinstance(found, GenerationError):
            raise found
        return found

    def since(self, identity: str) -> str:
        """When the answers of `identity` that count began to be asked for, in seconds since 1970.

        All answers of an arm are of one such time, so that none that counts is older than
        `max_age` when a run begins, and none is mixed with older ones.

        Raises:
            GenerationError: offline, and there are none that count.
            StoreError: the store cannot be used.
        """
        if identity not in self._since:
            self._since[identity] = self._begun(identity)
        return self._since[identity]

    def _begun(self, identity: str) -> str:
        kept = None if self._memory is None else self._memory.get("since/1", identity)
        at, _, run = (kept or "").partition(" ")
        age = self._now - float(at) if at else math.inf
        # Of one run, all processes speak of the same answers, however short these count.
        if at and (age < self.max_age or run == self._run):
            return at
        if self.offline:
            old = f"are {duration(age)} old and count for {duration(self.max_age)}"
            what = f"the stored answers of {self.name!r} {old if at else 'are none that count'}"
            raise GenerationError(
                f"offline: {what}; run once without --ragft-offline, or raise --ragft-max-age"
            )
        at = repr(self._now)
        if self._memory is not None:
            self._memory.put("since/1", identity, text=f"{at} {self._run}")
        return at

    def _place(self, form: Form) -> tuple[object, ...]:
        return "found/1", self.url, form.path, form.probe(form.wants)

    def _recall(self, form: Form) -> Found:
        kept = None if self._memory is None else self._memory.get(*self._place(form))
        if kept is None:
            raise GenerationError(
                f"offline: what {self.url} serves as {self.name!r} is not known; run once without "
                "--ragft-offline"
            )
        plain = json.loads(kept)
        return Found(**(plain | {"granted": tuple(plain["granted"])}))

    def _ask(self, form: Form) -> Found:
        replies: dict[frozenset[str], Reply] = {}

        def ask(parts: frozenset[str]) -> Reply:
            replies[parts] = self._probe(form, parts)
            return replies[parts]

        try:
            granted = negotiate(form.wants, ask, form.delivered)
        except UnansweredError as error:
            raise GenerationError(
                f"the model {self.name!r} cannot be asked: {error}{self._offers()}"
            ) from None
        said = read_reply(replies[granted].value, form.api)
        listing = self._listing()
        self._expect_itself(said, listing)
        found = Found(
            granted=tuple(sorted(granted)),
            listed={} if listing is None else listing.entry(self.name, self._now),
            is_listed=None if listing is None else listing.names(self.name),
            model=said.model,
            system_fingerprint=said.system_fingerprint,
            probe=f"{said.thought}\n{said.text}" if "temperature" in granted else "",
            applied=self._is_applied(form, granted, said),
        )
        if self._memory is not None:
            self._memory.put(*self._place(form), text=json.dumps(asdict(found)))
        return found

    def _probe(self, form: Form, parts: frozenset[str]) -> Reply:
        body = form.probe(parts)
        reply = self.endpoint.check(form.path, body)
        if reply.status in _BUSY:
            (reply,) = self.endpoint.post_many(form.path, [body])
        return reply

    def _listing(self) -> Listing | None:
        return read_listing(self.endpoint.check("models", None).value)

    def _offers(self) -> str:
        """What else it serves, where it says so."""
        listing = self._listing()
        if listing is None or listing.names(self.name):
            return ""
        more = ", …" if len(listing.ids) > _OFFERED else ""
        return f"; it serves {', '.join(map(repr, listing.ids[:_OFFERED]))}{more}"

    def _expect_itself(self, said: Said, listing: Listing | None) -> None:
        """Refuse a server that answers for whatever it serves, or for one model only."""
        if listing is not None and listing.names(self.name):
            return
        other = ""
        if said.model and not is_called(self.name, said.model):
            other = said.model
        elif listing is not None:
            other = listing.echoed
        if other:
            raise GenerationError(
                f"{self.url} answers for {other!r} where {self.name!r} was asked for; name what it "
                f"serves, such as openai:{other}@{self.url}"
            )

    def _is_applied(self, form: Form, granted: frozenset[str], said: Said) -> bool | None:
        """Whether thinking on and off are told apart: servers ignore what they do not know."""
        if form.thinking is None:
            return None
        if "chat_template_kwargs" not in granted:
            return False
        flipped = Form(
            api=form.api,
            model=form.model,
            stop=form.stop,
            thinking="off" if form.thinking == "on" else "on",
        )
        other = read_reply(self._probe(flipped, granted).value, form.api)
        if other.error is not None:
            return False
        return (said.prompt_tokens, said.text, said.thought) != (
            other.prompt_tokens,
            other.text,
            other.thought,
        )


def identity_of(found: Found) -> str:
    """What tells a served model from others."""
    plain = {name: value for name, value in asdict(found).items() if name != "is_listed"}
    return fingerprint("served/1", json.dumps(plain, sort_keys=True))


def duration(seconds: float) -> str:
    """A time in the largest unit that it has one of, such as ``1 day`` or ``2.5 hours``."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = f"{seconds / length:.1f}".removesuffix(".0")
            return f"{number} {unit}{'' if number == '1' else 's'}"
    return f"{seconds:.0f} seconds"
