"""From ``openai:NAME@URL`` and ``completions:NAME@URL`` to generators that share what they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_ragft.completions import Api
from pytest_ragft.endpoint.address import parse_model_at_url
from pytest_ragft.endpoint.settings import endpoint_settings
from pytest_ragft.generation.served import ServedGenerator
from pytest_ragft.generation.served_model import ServedModel
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.store import Store

APIS: Mapping[str, Api] = {"openai": "chat", "completions": "completions"}
"""What a SPEC begins with, and which API of the server that means."""

VARIABLES = "RAGFT_GENERATION"
"""What the variables of the environment begin with that say how a server is called."""
BASELINE_KEY = f"{VARIABLES}_BASELINE_API_KEY"
CONCURRENCY = 16
"""Calls at a time; a server on one's own machine answers few at once and lets the others wait."""
TIMEOUT = 300

MAX_AGE = 86_400.0
"""Seconds for which answers count, where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSpec:
    """What a SPEC such as ``openai:NAME@URL`` names."""

    api: Api
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A model behind a server, and which of its APIs is asked."""

    api: Api
    model: ServedModel

    def generator(self, settings: GenerationSettings) -> ServedGenerator:
        """Its answers as `settings` have them decoded."""
        return ServedGenerator(self.model, self.api, settings)


def is_served(spec: str) -> bool:
    """Whether a SPEC names a model behind a server."""
    kind, found, _ = spec.partition(":")
    return bool(found) and kind in APIS


def parse_served(spec: str) -> ServedSpec:
    """The parts of ``openai:NAME@URL`` or ``completions:NAME@URL``.

    Raises:
        SpecError: it has not this form.
    """
    kind, _, rest = spec.partition(":")
    name, url = parse_model_at_url(rest, where=f"the model {kind}:…")
    return ServedSpec(api=APIS[kind], name=name, url=url)


@dataclass(slots=True, kw_only=True)
class ServedOpener:
    """Opens each served model once. Nothing is asked."""

    environ: Mapping[str, str]
    """Holds the key, if any, and may set what `endpoint_settings` reads."""
    max_age: float
    """Seconds for which answers count."""
    now: float
    """Seconds since 1970."""
    store: Store | None
    """Keeps what servers say."""
    offline: bool
    """Never open a socket."""
    _models: dict[tuple[str, str, bool], ServedModel] = field(default_factory=dict)

    def open(self, text: str, *, is_baseline: bool) -> Remote:
        """The model that a SPEC names; with a key of its own, the baseline's is another one.

        Raises:
            SpecError: the SPEC has not this form, or a variable of the environment is unusable.
        """
        spec = parse_served(text)
        apart = is_baseline and bool(self.environ.get(BASELINE_KEY, "").strip())
        place = spec.name, spec.url, apart
        if place not in self._models:
            settings = endpoint_settings(
                spec.url,
                self.environ,
                prefix=VARIABLES,
                concurrency=CONCURRENCY,
                timeout=TIMEOUT,
                own_key=BASELINE_KEY if apart else None,
            )
            self._models[place] = ServedModel(
                spec.name,
                settings,
                max_age=self.max_age,
                now=self.now,
                store=self.store,
                offline=self.offline,
            )
        return Remote(api=spec.api, model=self._models[place])
