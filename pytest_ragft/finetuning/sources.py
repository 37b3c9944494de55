"""Where questions to train on come from: a suite, or files in a form with a suite's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.requests import shown
from pytest_ragft.evaluation.retrieving import retrieve
from pytest_ragft.finetuning.forms import Retrieve
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.retrieval.settings import NONE, RetrievalSettings
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite, load_suite, suites_at
from pytest_ragft.suite.opening import Access, open_retriever
from pytest_ragft.suite.schema import clusters_of
from pytest_ragft.suite.sources import read_places


def one_suite(place: Path, option: str) -> Suite:
    """The suite of a folder or suite.toml.

    Raises:
        InputError: there is none, or there are several.
        SuiteError: it is wrong.
    """
    files = suites_at(place)
    if len(files) != 1:
        said = "there are several suites" if files else "no suite.toml lies there"
        raise InputError(
            f"{option}={str(place)!r}: {said}; name the folder of one, or give a --format "
            "(ragft convert --list) for files of another form"
        )
    return load_suite(files[0])


def suite_of_form(
    name: str, places: Sequence[str], options: Mapping[str, object], like: Suite | None
) -> Suite:
    """Questions and passages of files in a form, asked as a suite asks.

    Args:
        name: Of the form, as ``ragft convert --list`` shows it.
        places: Files, folders or globs.
        options: Of the form.
        like: The suite whose prompt, retrieval and decoding are taken; None for the defaults.

    Raises:
        InputError: form, files or options are wrong.
    """
    try:
        found = read_places(name, places, options, folder=Path())
    except SuiteError as error:
        raise InputError(str(error)) from error
    passages = found.passages
    retrieval = RetrievalSettings() if like is None else like.retrieval
    if retrieval.chunk_words is not None:
        from pytest_ragft.retrieval.chunking import chunk

        passages = tuple(
            chunk(passages, words=retrieval.chunk_words, overlap=retrieval.chunk_overlap)
        )
    settings = (
        {}
        if like is None
        else {
            "prompt": like.prompt,
            "prompt_without": like.prompt_without,
            "generation": like.generation,
        }
    )
    return Suite(
        name=name,
        path=Path(places[0]),
        examples=found.examples,
        passages={passage.id: passage for passage in passages},
        retrieval=retrieval,
        clusters=clusters_of(found.examples, passages, own=False),
        fingerprint=fingerprint([asdict(example) for example in found.examples]),
        notes=found.notes,
        **settings,  # type: ignore[arg-type]
    )


def retrieving(access: Access, store: Store) -> Retrieve:
    """What a gating run shows with each question; the hits are kept for it.

    Args:
        access: To indices.
        store: Keeps hits.
    """

    def passages(
        suite: Suite, examples: Sequence[QAExample], depth: int | None = None, /
    ) -> dict[str, tuple[Passage, ...]]:
        if suite.retrieval.backend != NONE and not (suite.passages or suite.retrieval.index):
            raise InputError(
                f"{suite.path}: there are no passages to retrieve; take --form closed-book, or "
                "make a suite with a corpus of it"
            )
        retriever = open_retriever(suite, access)
        try:
            retriever.check()
            # All of the suite's questions, so that the hits are those of its gate.
            wanted = suite.retrieval.k if depth is None else depth
            found = retrieve(suite, suite.examples, retriever, Archive(store), wanted)
        finally:
            retriever.close()
        hits = found.shown(wanted)
        return {e.id: shown(hits[e.id], found.texts, suite) for e in examples}

    return passages
