"""The whole check: suites and training data in, what is found out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_ragft.checking.asked import AskedQuestion, questions_of
from pytest_ragft.checking.findings import KINDS, Checked, Finding, Place, SuiteSize
from pytest_ragft.checking.leakage import Leakage
from pytest_ragft.checking.matching import QuestionIndex
from pytest_ragft.checking.repeats import repeats
from pytest_ragft.checking.sizes import gate_findings, pool_size, size_of
from pytest_ragft.checking.support import SupportReader
from pytest_ragft.checking.wellformed import QuestionReader
from pytest_ragft.datasets.training import TrainingPair, read_training
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.gating.gates import Group, Overrides, find_groups
from pytest_ragft.progress import Progress
from pytest_ragft.records import Passage
from pytest_ragft.suite import Suite, load_suite, suites_at

_ORDER = {kind: at for at, kind in enumerate(KINDS)}
_NO_OVERRIDES = Overrides(margin={}, alpha=None)


@no_collection()
def check_suites(files: Sequence[Path], training: Sequence[Path], progress: Progress) -> Checked:
    """Look at suites, alone and beside training data.

    Args:
        files: Every suite.toml.
        training: Files of training data, or folders of suites that were trained on.
        progress: Told of the rows of training data.

    Raises:
        InputError: a file of training data cannot be used.
    """
    suites, unreadable = _read(files)
    groups, mistaken = _groups(suites)
    findings = [*unreadable, *mistaken]
    asked = {suite.name: list(questions_of(suite)) for suite in suites}
    questions = [question for suite in suites for question in asked[suite.name]]
    index = QuestionIndex([question.example.question for question in questions])
    findings += repeats(questions, index)
    sizes: list[SuiteSize] = []
    for suite in suites:
        found, untestable = _of_suite(suite, asked[suite.name])
        findings += found
        sizes.append(size_of(suite.name, asked[suite.name], untestable=untestable))
    for group in groups:
        findings += gate_findings(group)
        if len(group.suites) > 1:
            # One suite may be given, and its gates stand over all beside it.
            members = [question for suite in group.suites for question in questions_of(suite)]
            sizes.append(pool_size(group, members))
    passages = {suite.name: suite.passages for suite in suites} if training else {}
    rows, leaked = _leakage(questions, index, passages, training, progress)
    findings += leaked
    return Checked(
        sizes=tuple(sizes),
        findings=tuple(sorted(findings, key=lambda f: (_ORDER[f.kind], f.severity))),
        training=rows,
        questions=len(questions),
    )


def _read(files: Iterable[Path]) -> tuple[list[Suite], list[Finding]]:
    """The suites that can be read, and what is wrong with the others."""
    suites: dict[str, Suite] = {}
    findings = []
    for file in files:
        try:
            suite = load_suite(file)
            if suite.name in suites:
                raise SuiteError(
                    f"[suite] name = {suite.name!r}: is already the name of "
                    f"{suites[suite.name].path}; give each suite its own"
                )
            suites[suite.name] = suite
        except SuiteError as error:
            findings.append(_unreadable(file, str(error)))
    return list(suites.values()), findings


def _unreadable(file: Path, note: str) -> Finding:
    return Finding(
        kind="unreadable", severity="error", suite="", here=Place(where=str(file)), note=note
    )


def _groups(suites: Sequence[Suite]) -> tuple[tuple[Group, ...], list[Finding]]:
    """The suites as gates pool them; none where a rule file or a suite beside them is wrong."""
    if not suites:
        return (), []
    try:
        return find_groups([suite.path for suite in suites], _NO_OVERRIDES), []
    except SuiteError as error:
        return (), [_unreadable(suites[0].path, f"no gate can be put to it: {error}")]


def _of_suite(suite: Suite, questions: Sequence[AskedQuestion]) -> tuple[list[Finding], int]:
    reader, support = QuestionReader(), SupportReader()
    # A suite without any answer is one of retrieval alone.
    answered = any(question.example.references for question in questions)
    named = any(question.example.relevant for question in questions)
    by_source: dict[str, list[Passage]] = {}
    for passage in suite.passages.values():
        by_source.setdefault(passage.source, []).append(passage)
    findings: list[Finding] = []
    untestable = 0
    for question in questions:
        if question.example.checks:
            findings += reader.findings(
                question, max_new_tokens=suite.generation.max_new_tokens, corpus=named
            )
            continue
        if not (answered or question.example.references):
            untestable += question.example.answerable
            continue
        findings += reader.findings(
            question, max_new_tokens=suite.generation.max_new_tokens, corpus=named
        )
        example = question.example
        if not example.answerable:
            continue
        relevant = [one for name in example.relevant for one in by_source.get(name, ())]
        found = support.support(example, relevant)
        if found is None:
            untestable += 1
        elif not found.holds:
            findings.append(
                Finding(
                    kind="unsupported",
                    severity="warning",
                    suite=suite.name,
                    here=question.place,
                    other=Place(where=", ".join(example.relevant[:3]), text=found.reference),
                    note=f"{found.words:.0%} of its words are there"
                    + ("; a number is not:" if found.missing else ""),
                    detail=", ".join(found.missing[:3]),
                )
            )
    return findings, untestable


def _leakage(
    questions: Sequence[AskedQuestion],
    index: QuestionIndex,
    passages: Mapping[str, Mapping[str, Passage]],
    training: Sequence[Path],
    progress: Progress,
) -> tuple[dict[str, int], list[Finding]]:
    if not training:
        return {}, []
    leakage = Leakage(questions, index, passages)
    rows: dict[str, int] = {}
    with progress.phase("training data", len(training), "file") as phase:
        for path in training:
            rows[str(path)] = 0
            for pair in _rows(path):
                rows[str(path)] += 1
                leakage.look(pair)
            phase.advance(1, path.name)
    return rows, list(leakage.findings())


def _rows(path: Path) -> Iterator[TrainingPair]:
    """The rows of a file, or the questions of suites."""
    if not (path.is_dir() or path.name == "suite.toml"):
        yield from read_training(path)
        return
    files = suites_at(path)
    if not files:
        raise InputError(
            f"--training={str(path)!r}: a folder without suite.toml; name files of training data, "
            "or a folder of suites"
        )
    for file in files:
        try:
            suite = load_suite(file)
        except SuiteError as error:
            raise InputError(f"--training={str(path)!r}: {error}") from error
        for question in questions_of(suite):
            yield TrainingPair(
                where=question.where,
                asked=question.example.question,
                taught="\n".join(question.example.references),
            )
