"""What `ragft check` finds of what is planted, and what it takes for leaked that is not.

    RAGFT_DATA=… python -m studies.leakage.measure planted
    RAGFT_DATA=… python -m studies.leakage.measure alarms
    RAGFT_DATA=… python -m studies.leakage.measure overlap
    RAGFT_DATA=… python -m studies.leakage.measure support
    RAGFT_DATA=… python -m studies.leakage.measure time

Training data goes through a file, as a user's does. Weights and thresholds
were chosen on `sets.FITTED`; nothing was on `sets.REPORTED`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.check import check_suites
from pytest_ragft.checking.findings import Checked, Finding
from pytest_ragft.checking.leakage import Leakage
from pytest_ragft.checking.matching import QuestionIndex
from pytest_ragft.datasets.training import read_training
from pytest_ragft.progress import NoProgress
from pytest_ragft.records import QAExample
from studies.leakage.planting import KINDS
from studies.leakage.sets import FITTED, NO_ANSWER, REPORTED, Row, evouna, halves, nq301

LEAST_EXACT, LEAST_NEAR, MOST_ALARMS = 0.99, 0.90, 0.01
SYSTEM = "Answer from the context only. If it does not say, say that you do not know."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("planted", "alarms", "overlap", "support", "time"))
    parser.add_argument("--questions", type=int, default=400, help="planted a set and kind")
    parser.add_argument("--rows", type=int, default=100_000, help="of training data, for time")
    arguments = parser.parse_args()
    data = Path(os.environ["RAGFT_DATA"])
    if arguments.what == "planted":
        return planted(data, arguments.questions)
    if arguments.what == "support":
        return support(data, arguments.questions)
    if arguments.what == "time":
        return timed(data, arguments.rows)
    return {"alarms": alarms, "overlap": overlap}[arguments.what](data)


def planted(data: Path, most: int) -> int:
    """Each kind planted into chat rows with passages, among the other half's rows."""
    print("| set | " + " | ".join(KINDS) + " |")
    print("| --- |" + " --- |" * len(KINDS))
    missed = False
    for name, (suite, others) in _sets(data):
        rng = random.Random(2026)
        chosen = rng.sample(range(len(suite)), min(most, len(suite)))
        shares = []
        for kind, plant in KINDS.items():
            rows = [*others]
            for at in chosen:
                row = suite[at]
                rows.append(
                    Row(
                        question=plant(row.question, rng),
                        answer=row.answer,
                        passage=row.passage,
                        group="",
                    )
                )
            found = _leaked(suite, rows)
            share = sum(f"q{at}" in found for at in chosen) / len(chosen)
            shares.append(share)
            missed |= share < (LEAST_EXACT if kind == "exact" else LEAST_NEAR)
        print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)
    return int(missed)


def alarms(data: Path) -> int:
    """Questions of one half that are found among the other half's rows, each to be looked at."""
    above = False
    for name, (suite, others) in _sets(data):
        found = _leaked(suite, others)
        share = len(found) / len(suite)
        above |= share >= MOST_ALARMS
        print(f"\n{name}: {len(found)} of {len(suite)} ({share:.2%}), {len(others)} training rows")
        for finding in sorted(found.values(), key=lambda one: one.likeness or 0.0):
            other = finding.other.text if finding.other else ""
            print(f"   {finding.likeness:.2f} {finding.here.text} | {other}")
    return int(above)


def overlap(data: Path) -> int:
    """NQ301 against EVOUNA-NQ, which holds it: found against equal after normalisation."""
    suite = [_bare(question) for question in nq301(data)]
    others = [_bare(question) for question in evouna(data)]
    known = {_normal(row.question) for row in others}
    equal = {f"q{at}" for at, row in enumerate(suite) if _normal(row.question) in known}
    found = _leaked(suite, others)
    exact = {name for name, finding in found.items() if finding.note.startswith("exact")}
    print(f"NQ301: {len(suite)} questions, {len(equal)} of them in EVOUNA-NQ letter by letter")
    print(f"found as exact: {len(exact & equal)} of {len(equal)}, besides {len(exact - equal)}")
    near = sorted(set(found) - equal)
    print(f"found besides: {len(near)}")
    for name in near:
        other = found[name].other
        print(f"   {found[name].here.text} | {other.text if other else ''}")
    return int(len(exact & equal) < LEAST_EXACT * len(equal))


def support(data: Path, most: int) -> int:
    """References with their own passages, and with another question's."""
    print("| set | questions | flagged with their own | with another's |")
    print("| --- | --- | --- | --- |")
    for name, maker in (FITTED | REPORTED).items():
        if name == "TAT-QA":
            continue  # its answers stand in tables, and many are computed
        rows = [row for row in maker(data) if row.passage and row.answer != NO_ANSWER]
        rows = random.Random(2026).sample(rows, min(most, len(rows)))
        if not rows:
            continue
        swapped = [
            replace(row, passage=other.passage)
            for row, other in zip(rows, rows[1:] + rows[:1], strict=True)
        ]
        own, other = (_unsupported(_checked(each)) for each in (rows, swapped))
        print(f"| {name} | {len(rows)} | {own} | {other} |")
    return 0


def timed(data: Path, rows: int) -> int:
    """5,000 questions against chat rows with passages of about a hundred words."""
    every = [row for maker in (FITTED | REPORTED).values() for row in maker(data)]
    rng = random.Random(2026)
    rng.shuffle(every)
    suite, others = every[:5000], every[5000:] or every
    training = [
        Row(
            question=" ".join((rng.choice(others).question, rng.choice(others).question)),
            answer=rng.choice(others).answer,
            passage=rng.choice(others).passage,
            group="",
        )
        for _ in range(rows)
    ]
    start, processor = time.perf_counter(), time.process_time()
    found = _leaked(suite, training)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(suite)} questions, {rows} rows: {seconds:.1f} s ({processor:.1f} s of a "
        f"processor), the file written and read, "
        f"{peak:.0f} MB, {len(found)} found"
    )
    return 0


def _sets(data: Path) -> Iterator[tuple[str, tuple[list[Row], list[Row]]]]:
    for title, makers in (("fitted", FITTED), ("reported", REPORTED)):
        for name, maker in makers.items():
            yield f"{name} ({title})", halves(maker(data))


def _checked(suite: Sequence[Row]) -> Checked:
    """What the check says of a suite that is written for it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "suite.toml").write_text(
            '[suite]\nname = "measured"\nquestions = "questions.jsonl"\ncorpus = "corpus.jsonl"\n'
            "[generation]\nmax_new_tokens = 512\n"
        )
        _write(folder / "questions.jsonl", suite, _question)
        _write(folder / "corpus.jsonl", suite, _passage)
        return check_suites([folder / "suite.toml"], [], NoProgress())


def _write(path: Path, rows: Sequence[Row], make: Callable[[int, Row], object]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for at, row in enumerate(rows):
            lines.write(json.dumps(make(at, row)) + "\n")


def _question(at: int, row: Row) -> object:
    return {
        "id": f"q{at}",
        "question": row.question,
        "references": [row.answer or "none", *row.alternatives],
        "relevant": [f"p{at}"] if row.passage else [],
    }


def _passage(at: int, row: Row) -> object:
    return {"_id": f"p{at}", "text": row.passage or "none"}


def _chat(at: int, row: Row) -> object:
    return {
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": f"Context:\n{row.passage}\n\n{row.question}"},
            {"role": "assistant", "content": row.answer},
        ]
    }


def _leaked(suite: Sequence[Row], training: Sequence[Row]) -> dict[str, Finding]:
    """Findings by question, of training data that is written to a file."""
    questions = [_asked(at, row) for at, row in enumerate(suite)]
    leakage = Leakage(questions, QuestionIndex([row.question for row in suite]), {})
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "train.jsonl"
        _write(file, training, _chat)
        for pair in read_training(file):
            leakage.look(pair)
    return {f.here.id: f for f in leakage.findings() if f.kind == "training-question"}


def _asked(at: int, row: Row) -> AskedQuestion:
    example = QAExample(id=f"q{at}", question=row.question, references=(row.answer,))
    return AskedQuestion(suite="measured", example=example, where="", cluster=(f"q{at}",))


def _unsupported(checked: Checked) -> str:
    flagged = sum(finding.kind == "unsupported" for finding in checked.findings)
    looked_at = checked.questions - checked.sizes[0].untestable
    return f"{flagged} of {looked_at} ({flagged / max(looked_at, 1):.1%})"


def _bare(question: str) -> Row:
    return Row(question=question, answer="", passage="", group=question)


def _normal(question: str) -> str:
    return "".join(letter for letter in question.casefold() if letter.isalnum())


if __name__ == "__main__":
    raise SystemExit(main())
