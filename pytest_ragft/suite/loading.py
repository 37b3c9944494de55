"""suite.toml and ragft.toml read into records; complete validation, before anything is loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from pytest_ragft.datasets.cleaning import clean_examples
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.errors import SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.generation.settings import (
    DEVICE,
    DTYPES,
    MAX_NEW_TOKENS,
    MOST_TEMPERATURE,
    NO_DEVICE,
    THINKING,
    VARIED,
    GenerationSettings,
)
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.records.answering import NAME
from pytest_ragft.retrieval.settings import NONE
from pytest_ragft.store import fingerprint
from pytest_ragft.suite.gates import read_gates
from pytest_ragft.suite.retrieval import KEYS, read_retrieval
from pytest_ragft.suite.schema import (
    SYSTEM,
    USER,
    WITHOUT,
    Documents,
    PromptSettings,
    Rules,
    Selection,
    Suite,
    SuiteIdentity,
    clusters_of,
)
from pytest_ragft.suite.sources import KEYS as SOURCE_KEYS
from pytest_ragft.suite.sources import PassagesOnDemand, read_source

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_SUITE_TABLES = ("suite", "retrieval", "generation", "prompt", "gate")
_HEAD = ("name", *SOURCE_KEYS, "documents", "question_floor")
_RULES_TABLES = ("gate", "exclude", "select")


@no_collection()
def load_suite(
    path: Path, identity: SuiteIdentity | None = None, *, offline: bool = False
) -> Suite:
    """The suite that a suite.toml describes, with its questions and corpus.

    Args:
        path: of the suite.toml.
        identity: what another process of the same run has made of it: the corpus, which that has
            checked, is then read only when a passage is asked for.
        offline: Open no socket: a data set of the Hub must be in its cache.

    Raises:
        SuiteError: anything in the file, the questions or the corpus is wrong; the message names
            file (and line), key, value and what is accepted.
        MissingDependencyError: their form needs a package that is not installed.
    """
    tables = read_toml(path, _SUITE_TABLES)
    head = _table(tables, "suite", path, _HEAD)
    name = head.text("name")
    if not NAME.fullmatch(name):
        raise head.wrong("name", "must consist of letters A-Z a-z, digits, dot, _ and - only")
    documents = cast("Documents", head.choice("documents", get_args(Documents), "shared"))
    floor = head.number("question_floor", above=0, up_to=1)
    retrieval = read_retrieval(_table(tables, "retrieval", path, KEYS))
    generation = _generation(_table(tables, "generation", path, _names(GenerationSettings)))
    asked = _table(tables, "prompt", path, (*_names(PromptSettings), "none"))
    without = _prompt_without(asked)
    prompt = _prompt(asked) if retrieval.backend != NONE else _prompt_alone(asked)
    gates = read_gates(tables, path, "guard")
    source = read_source(head, retrieval, path, offline=offline or identity is not None)
    examples, cleaned = clean_examples(source.examples)
    passages = source.passages() if identity is None else PassagesOnDemand(source.passages)
    if identity is None:
        identity = SuiteIdentity(
            fingerprint=fingerprint(
                _plain(QAExample, examples),
                _plain(Passage, passages.values()),
                # What is asked without passages belongs to it where it is written down, so that
                # suites keep the identity that they had.
                [retrieval.plain(), generation.plain(), asdict(prompt)]
                + ([asdict(without)] if without != WITHOUT else []),
            ),
            clusters=clusters_of(examples, passages.values(), own=documents == "own"),
        )
    return Suite(
        name=name,
        path=path,
        examples=examples,
        passages=passages,
        retrieval=retrieval,
        generation=generation,
        prompt=prompt,
        prompt_without=without,
        gates=gates,
        documents=documents,
        clusters=identity.clusters,
        question_floor=floor,
        questions=source.questions,
        cleaned=cleaned,
        notes=source.notes,
        fingerprint=identity.fingerprint,
    )


def _plain(
    kind: type[QAExample] | type[Passage], records: Iterable[QAExample | Passage]
) -> list[dict[str, object]]:
    """The fields of flat records, as `asdict` gives them, which copies every value of thousands."""
    names = _names(kind)
    values = attrgetter(*names)
    found = [dict(zip(names, values(record), strict=True)) for record in records]
    for plain in found:
        # Without checks a question is what it was before there were any.
        if checks := plain.pop("checks", ()):
            plain["checks"] = [(check.name, check.value) for check in checks]
    return found


def _names(record: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def load_suites(
    paths: Iterable[Path],
    identities: Mapping[Path, SuiteIdentity] | None = None,
    *,
    offline: bool = False,
) -> tuple[Suite, ...]:
    """The suites of several suite.toml, in their order, perhaps with what is known of each.

    Raises:
        SuiteError: one of them is wrong, or two have the same name.
    """
    known = identities or {}
    suites = tuple(load_suite(path, known.get(path), offline=offline) for path in paths)
    check_names(suites)
    return suites


def check_names(suites: Iterable[Suite]) -> None:
    """Refuse two suites of one name: answers are found by suite and id.

    Raises:
        SuiteError: naming both files.
    """
    first: dict[str, Path] = {}
    for suite in suites:
        if (other := first.setdefault(suite.name, suite.path)) != suite.path:
            raise SuiteError(
                f"{suite.path}: [suite] name = {suite.name!r}: is already the name of {other}; "
                "give each suite its own, since answers are found by suite and id"
            )


def load_rules(path: Path) -> Rules:
    """The rules of a ragft.toml; an empty file is valid and leaves the defaults.

    Raises:
        SuiteError: anything in it is wrong.
    """
    tables = read_toml(path, _RULES_TABLES)
    head = Fields(tables, where=str(path), known=_RULES_TABLES)
    select = head.choice("select", get_args(Selection)) if "select" in head else None
    return Rules(
        path=path,
        gates=read_gates(tables, path, "primary", elsewhere=_RULES_TABLES[1:]),
        exclude=_exclude(head),
        select=cast("Selection | None", select),
    )


def read_toml(path: Path, known: Sequence[str]) -> dict[str, object]:
    """The tables and keys at the top of a TOML file.

    Args:
        path: Of the file.
        known: What may stand there.

    Raises:
        SuiteError: it cannot be read, is no TOML, or has another key.
    """
    try:
        tables = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SuiteError(f"{path}: not TOML: {error}") from None
    Fields(tables, where=str(path), known=known)
    return tables


def _exclude(head: Fields) -> tuple[str, ...]:
    patterns = head.texts("exclude", unique=True)
    for pattern in patterns:
        parts = pattern.split("/")
        if "\\" in pattern or not all(parts[:-1]) or {".", ".."} & set(parts):
            raise head.wrong(
                "exclude",
                f"{pattern!r} in it must name folders below that of ragft.toml, with '/' between "
                "them, such as 'archive/*'",
            )
    return patterns


def _table(tables: Mapping[str, object], name: str, path: Path, known: Sequence[str]) -> Fields:
    return Fields(tables.get(name, {}), where=f"{path}: [{name}]", known=known)


def _generation(fields: Fields) -> GenerationSettings:
    device = fields.optional_text("device")
    if device is not None and not DEVICE.fullmatch(device):
        raise fields.wrong("device", NO_DEVICE)
    try:
        return GenerationSettings(
            max_new_tokens=fields.integer("max_new_tokens") or MAX_NEW_TOKENS,
            dtype=fields.choice("dtype", DTYPES) if "dtype" in fields else None,
            device=device,
            batch_tokens=fields.integer("batch_tokens"),
            stop=fields.texts("stop", blank=True) if "stop" in fields else None,
            thinking=fields.choice("thinking", THINKING) if "thinking" in fields else None,
            samples=fields.integer("samples") or 1,
            temperature=fields.number("temperature", above=0, up_to=MOST_TEMPERATURE),
            top_p=fields.number("top_p", above=0, up_to=1),
            seed=fields.integer("seed", least=0),
            vary=fields.choice("vary", VARIED) if "vary" in fields else None,
        )
    except SuiteError:
        raise
    except ValueError as error:
        raise SuiteError(f"{fields.where}: {error}") from None


def _prompt(fields: Fields) -> PromptSettings:
    user = fields.text("user", USER)
    for part in ("{context}", "{question}"):
        if part not in user:
            raise fields.wrong("user", f"must contain {part}, where that text goes")
    return PromptSettings(system=fields.text("system", SYSTEM, empty=True), user=user)


def _prompt_alone(fields: Fields) -> PromptSettings:
    """That of a suite that retrieves nothing, for which ``[prompt.none]`` is the same."""
    user = fields.text("user", WITHOUT.user)
    if "{question}" not in user:
        raise fields.wrong("user", "must contain {question}, where that text goes")
    if "{context}" in user:
        raise fields.wrong(
            "user", "must not contain {context}: [retrieval] backend = 'none' brings no passages"
        )
    return PromptSettings(system=fields.text("system", WITHOUT.system, empty=True), user=user)


def _prompt_without(prompt: Fields) -> PromptSettings:
    fields = Fields(
        prompt.given.get("none", {}),
        where=prompt.where.replace("[prompt]", "[prompt.none]"),
        known=_names(PromptSettings),
    )
    user = fields.text("user", WITHOUT.user)
    if "{question}" not in user:
        raise fields.wrong("user", "must contain {question}, where that text goes")
    if "{context}" in user:
        raise fields.wrong("user", "must not contain {context}: there is none without passages")
    return PromptSettings(system=fields.text("system", WITHOUT.system, empty=True), user=user)
