"""Where a suite's questions and passages come from: two files of its own, or files in a form."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import files_at, files_below, is_glob, top_of
from pytest_ragft.datasets.formats import FORMATS, FormatFacts
from pytest_ragft.datasets.formats.opening import facts_of, read_set
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.formats.splits import of_split
from pytest_ragft.datasets.jsonl import read_passages, read_questions
from pytest_ragft.errors import RagftError, SuiteError
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.retrieval.settings import NONE, RetrievalSettings

KEYS = ("questions", "corpus", "format", "path", "files", "revision", "reader", "columns")
"""Keys of ``[suite]`` that say where questions and passages come from."""

HUB = "hf:"
_OF_HUB = ("files", "revision")
_OF_FORM = ("path", "reader", "columns", *_OF_HUB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Questions, and how to get the passages."""

    examples: tuple[QAExample, ...]
    passages: Callable[[], Mapping[str, Passage]]
    """By id, in the order of the corpus, cut into passages; reads the corpus."""
    notes: tuple[str, ...] = ()
    """What a reader left out or read otherwise."""
    questions: Path | None = None
    """The file of questions, one a line, where they come from one."""


class PassagesOnDemand(Mapping[str, Passage]):
    """A corpus that is read once somebody wants a passage of it."""

    def __init__(self, read: Callable[[], Mapping[str, Passage]]) -> None:
        self._read = read

    @cached_property
    def _passages(self) -> Mapping[str, Passage]:
        return self._read()

    def __getitem__(self, passage_id: str) -> Passage:
        return self._passages[passage_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._passages)

    def __len__(self) -> int:
        return len(self._passages)


def read_source(
    head: Fields, retrieval: RetrievalSettings, path: Path, *, offline: bool = False
) -> Source:
    """The questions that ``[suite]`` names.

    Args:
        head: ``[suite]``.
        retrieval: of the suite: passages are cut as it says.
        path: of the suite.toml, where relative paths start.
        offline: Open no socket: a data set of the Hub must be in its cache.

    Raises:
        SuiteError: keys, files or what they hold are wrong.
        MissingDependencyError: a form or the Hub needs a package that is not installed.
    """
    if "format" in head:
        return _of_format(head, retrieval, path, offline=offline)
    for key in _OF_FORM:
        if key in head:
            raise head.wrong(key, "belongs to a format, and none is given; say format = …")
    questions = _file(head, "questions", path)
    examples = read_questions(questions)
    return Source(
        examples=examples,
        passages=partial(_passages, head, retrieval, path, examples, questions, None),
        questions=questions,
    )


def question_files(
    places: Sequence[str],
    facts: FormatFacts,
    *,
    folder: Path,
    split: str | None = None,
    files: Sequence[str] = (),
    revision: str | None = None,
    offline: bool = False,
) -> list[Path]:
    """The files that places name, to be read as one set.

    Args:
        places: Files, folders, globs or ``hf:ORG/NAME``, a data set of the Hub.
        facts: of the form.
        folder: Where relative places start.
        split: Which files of folders and data sets to take, see `of_split`.
        files: Patterns of a data set's files; empty for those of the form.
        revision: of a data set; None for its newest.
        offline: Open no socket.

    Raises:
        SuiteError: a place names no file, or files of several splits.
        SpecError: a data set is not to be had.
    """
    found: dict[Path, None] = {}
    for place in places:
        if place.startswith(HUB):
            from pytest_ragft.models.hub import download_files

            patterns = list(files) or [*facts.files, *(f"{name}.gz" for name in facts.files)]
            name = place.removeprefix(HUB)
            top = download_files(name, files=patterns, revision=revision, offline=offline)
            names = [pattern.rpartition("/")[2] or "*" for pattern in patterns]
            there = files_below(top, names)
            if not there:
                raise SuiteError(f"{place!r} has no file like {', '.join(patterns)}")
            searched = None if files else top
        else:
            there = list(files_at([place], folder, facts.files))
            searched = _searched(place, folder)
        chosen = of_split(there, split, folder=searched) if facts.splits else there
        found.update(dict.fromkeys(chosen))
    return list(found)


def _searched(place: str, folder: Path) -> Path | None:
    """Where files were looked for; None where the place is the file."""
    if (folder / place).is_dir():
        return folder / place
    return folder / top_of(place) if is_glob(place) and not (folder / place).is_file() else None


def _of_format(head: Fields, retrieval: RetrievalSettings, path: Path, *, offline: bool) -> Source:
    if "questions" in head:
        raise head.wrong("questions", "stands beside format = …; keep one of them")
    places = head.texts("path", required=True, unique=True, lone=True)
    if not all(place.strip() for place in places) or not places:
        raise head.wrong("path", "names no file; give a file, a folder, a glob or hf:ORG/NAME")
    for key in _OF_HUB:
        if key in head and not any(place.startswith(HUB) for place in places):
            raise head.wrong(key, f'is of a data set of the Hub, such as path = "{HUB}org/name"')
    found = _read(head, places, path, offline=offline)
    return Source(
        examples=found.examples,
        passages=partial(_passages, head, retrieval, path, found.examples, path, found),
        notes=found.notes,
    )


def _read(head: Fields, places: Sequence[str], path: Path, *, offline: bool) -> QuestionSet:
    options = dict(_table(head, "reader"))
    if "columns" in head:
        options["columns"] = _table(head, "columns")
    name = head.choice("format", FORMATS)
    try:
        return read_places(
            name,
            places,
            options,
            folder=path.parent,
            files=head.texts("files", lone=True),
            revision=head.optional_text("revision"),
            offline=offline,
        )
    except RagftError as error:
        known = type(error) if isinstance(error, SuiteError) else SuiteError
        # Of files, the name stands in the message; of keys, only their table.
        message = str(error)
        if message.startswith(("[", "'")):
            message = f"{path}: {'' if message.startswith('[') else '[suite] path = '}{message}"
        raise known(message) from error


def read_places(
    name: str,
    places: Sequence[str],
    options: Mapping[str, object],
    *,
    folder: Path,
    files: Sequence[str] = (),
    revision: str | None = None,
    offline: bool = False,
) -> QuestionSet:
    """What the reader of a form makes of files, folders, globs and data sets of the Hub.

    Besides the options of the form, `relevant` (false: which passages are relevant is not read,
    where the corpus is another one) goes for every form, and `split` for those that are told apart
    by the names of files.

    Raises:
        SuiteError: form, places, options or files are wrong.
        SpecError: a data set of the Hub is not to be had.
    """
    facts = facts_of(name)
    common = ("relevant", "split") if facts.splits else ("relevant",)
    given = Fields(options, where=READER, known=common, others=True)
    relevant = given.flag("relevant", True)
    split = given.optional_text("split") if facts.splits else None
    found = question_files(
        places, facts, folder=folder, split=split, files=files, revision=revision, offline=offline
    )
    own = {key: value for key, value in options.items() if key not in common}
    read = read_set(name, found, own, also=common)
    if relevant:
        return read
    return replace(read, examples=tuple(replace(e, relevant=()) for e in read.examples))


def _table(head: Fields, key: str) -> Mapping[str, object]:
    value = head.given.get(key, {})
    if not isinstance(value, Mapping):
        raise head.wrong(key, f"must be a table, [suite.{key}]")
    return value


def _file(head: Fields, key: str, path: Path) -> Path:
    file = path.parent / head.text(key)
    if not os.path.isfile(file):
        raise head.wrong(key, f"there is no file {str(file)!r}; the path starts at suite.toml")
    return file


def _passages(
    head: Fields,
    retrieval: RetrievalSettings,
    path: Path,
    examples: Sequence[QAExample],
    questions: Path,
    found: QuestionSet | None,
) -> dict[str, Passage]:
    """The corpus by id, cut into passages; none for an index of the user's, which holds it."""
    if retrieval.backend == NONE:
        if "corpus" in head:
            raise head.wrong("corpus", "stands beside [retrieval] backend = 'none'; keep one")
        for example in examples:
            if example.relevant:
                raise SuiteError(
                    f"{questions}: question {example.id!r}: relevant = {example.relevant[0]!r}: "
                    "[retrieval] backend = 'none' brings no passages; leave it out"
                )
        return {}
    if retrieval.index is not None:
        if "corpus" in head:
            raise head.wrong("corpus", "stands beside [retrieval] index = …; keep one of them")
        return {}
    lines, corpus = _lines(head, path, found)
    _check_relevant(examples, {line.id for line in lines}, questions, corpus)
    if retrieval.chunk_words is not None:
        from pytest_ragft.retrieval.chunking import chunk

        try:
            lines = chunk(lines, words=retrieval.chunk_words, overlap=retrieval.chunk_overlap)
        except ValueError as error:
            raise SuiteError(f"{corpus}: cannot be cut by chunk_words: {error}") from None
    return {passage.id: passage for passage in lines}


def _lines(
    head: Fields, path: Path, found: QuestionSet | None
) -> tuple[Sequence[Passage], Path | str]:
    """The corpus as it stands, and what it is called in messages."""
    if found is None or "corpus" in head:
        corpus = _file(head, "corpus", path)
        return read_passages(corpus), corpus
    if not found.passages:
        raise head.wrong("format", "these files bring no passages along; name them with corpus = …")
    return found.passages, "these files"


def _check_relevant(
    examples: Sequence[QAExample], known: Collection[str], questions: Path, corpus: Path | str
) -> None:
    for example in examples:
        for passage_id in example.relevant:
            if passage_id not in known:
                raise SuiteError(
                    f"{questions}: question {example.id!r}: relevant = {passage_id!r}: "
                    f"no passage of {corpus} has this _id"
                )
