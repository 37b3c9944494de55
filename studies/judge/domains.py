"""How far a judge agrees with people, and with the right answer, on other kinds of reference.

    RAGFT_DATA=… python -m studies.judge.domains [--judge SPEC] [--part NAME …] [--show N]

FinanceBench (people's labels of 16 systems; nothing is fitted on it), RAGChecker (people's
comparisons of two long answers), TAT-QA and BioASQ (right and wrong answers made by script), the
shipped suites (references that are denied). Intervals are 95 % percentile bootstraps over whole
questions. `--show N` prints the N answers of each part that the judge is furthest from.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge, Scores
from pytest_ragft.records import Case, QAExample
from pytest_ragft.suite import load_suite
from studies.judge import labelled
from studies.judge.figures import Values, differences_slope, interval, kappa

_WRONG, _RIGHT = 0.2, 0.8
_SUITES = Path(__file__).resolve().parents[2] / "suites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An answer made by script, with the range in which its accuracy must lie."""

    example: QAExample
    answer: str
    right: bool


def judged(judge: Judge, cases: Sequence[tuple[QAExample, str]]) -> list[Scores]:
    """The judge's scores; each answer is judged once, for all metrics."""
    return judge.judge([Case(example=example, answer=answer) for example, answer in cases])


def values(scores: Sequence[Scores], metric: str) -> Values:
    """The values of `metric`; raises where one is missing."""
    return np.array([score[metric].value for score in scores], dtype=np.float64)


def scored(judge: Judge, cases: Sequence[tuple[QAExample, str]], metric: str) -> Values:
    """The judge's values of `metric`; raises where one is missing."""
    return values(judged(judge, cases), metric)


def financebench(judge: Judge, data: Path, show: int) -> None:
    """AUC, κ at .5, the slope of the systems' differences, and refusals found."""
    rows = labelled.financebench(data)
    scores = judged(judge, [(row.example, row.answer) for row in rows])
    given = values(scores, "accuracy")
    right = np.array([row.right for row in rows])
    systems = np.array([row.system for row in rows])
    groups = np.array([row.group for row in rows])

    def auc(at: np.ndarray) -> float:
        return float(roc_auc_score(right[at], given[at]))

    def agreement(at: np.ndarray) -> float:
        return kappa(right[at], given[at] >= 0.5)

    def slope(at: np.ndarray) -> float:
        return differences_slope(right[at], given[at], systems[at])

    for name, figure in (("AUC", auc), ("κ at .5", agreement), ("slope", slope)):
        _line("FinanceBench", name, figure, groups)
    found = np.array([bool(score["accuracy"].evidence.get("abstained")) for score in scores])
    refused = np.array([row.refused for row in rows])
    print(
        f"| FinanceBench | refusals found | {found[refused].mean():.3f}; "
        f"right answers taken for one {found[right].mean():.4f} |"
    )
    _furthest(
        "FinanceBench",
        show,
        np.abs(given - right),
        [
            f"[right={row.right}] {g:.2f} Q {row.example.question[:300]}\n   "
            f"R {row.example.references[0][:300]}\n   A {row.answer[:700]}"
            for row, g in zip(rows, given, strict=True)
        ],
    )


def ragchecker(judge: Judge, data: Path, show: int) -> None:
    """Pearson's correlation of differences between two answers with people's, times 100."""
    pairs = labelled.ragchecker(data)
    groups = np.array([pair.example.id for pair in pairs])
    one, two = (
        judged(judge, [(pair.example, pair.answers[at]) for pair in pairs]) for at in (0, 1)
    )
    right, whole = (
        values(two, metric) - values(one, metric) for metric in ("accuracy", "completeness")
    )
    ours = {"correctness": right, "completeness": whole, "overall": (right + whole) / 2}
    # Two people compared each pair: two rows.
    pair = np.array([at for at, of in enumerate(pairs) for _ in of.labels])
    for criterion, difference in ours.items():
        theirs = np.array([label[criterion] for of in pairs for label in of.labels])

        def pearson(
            at: np.ndarray, difference: Values = difference[pair], theirs: Values = theirs
        ) -> float:
            return 100 * float(np.corrcoef(difference[at], theirs[at])[0, 1])

        _line("RAGChecker", criterion, pearson, groups[pair], digits=1)
        _furthest(
            f"RAGChecker {criterion}",
            show,
            np.abs(difference[pair] - theirs / 2),
            [
                f"people {t:.0f} judge {difference[at]:.2f} Q {pairs[at].example.question[:200]}\n"
                f"  R {pairs[at].example.references[0][:900]!r}\n  1 {pairs[at].answers[0][:700]!r}"
                f"\n  2 {pairs[at].answers[1][:700]!r}"
                for at, t in zip(pair, theirs, strict=True)
            ],
        )


def tatqa(judge: Judge, data: Path, show: int) -> None:
    """Numbers in five right spellings, and five near but wrong numbers."""
    documents = json.loads(
        (data / "tatqa_dev" / "tatqa_dataset_dev.json").read_text(encoding="utf-8")
    )
    made = [
        row
        for document in documents
        for question in document["questions"]
        if question["answer_type"] == "arithmetic"
        for row in _number_answers(question)
    ]
    _made("TAT-QA", judge, made, show)


def _number_answers(question: dict[str, object]) -> Iterator[Made]:
    value, scale = question["answer"], str(question["scale"])
    if not isinstance(value, int | float) or not value:
        return
    digits = f"{round(value, 2):g}" if abs(value) < 1000 else f"{round(value, 2)}"
    value = float(digits)
    unit = {"percent": "%"}.get(scale, f" {scale}" if scale else "")
    example = QAExample(
        id=str(question["uid"]),
        question=str(question["question"]),
        references=(f"{digits}{unit}",),
    )
    decimals = len(digits.partition(".")[2])
    grouped = f"{value:,.{decimals}f}"
    word = {"percent": " percent"}.get(scale, unit)
    size = {"thousand": 1e3, "million": 1e6, "billion": 1e9}.get(scale)
    whole = f"{value * size:,.0f}" if size else f"{value / 100:.{decimals + 2}f}"
    right = [
        f"{grouped}{word}",
        f"The answer is {grouped}{unit}.",
        f"It comes to {digits}{word}, as the table shows.",
        f"**{digits}{unit}**",
        f"It was {whole}." if scale else f"{grouped}0" if decimals else f"{grouped}.0",
    ]
    step = 10.0**-decimals
    rng = random.Random(str(question["uid"]))
    other = value + step * max(1, round(abs(value) / step * rng.uniform(0.05, 0.3)))
    wrong = [
        f"The answer is {other:,.{decimals}f}{unit}.",
        f"It was {value * 10:,.{decimals}f}{unit}.",
        f"It comes to {-value:,.{decimals}f}{word}, as the table shows.",
        f"It was {value * 1000:,.{decimals}f}{unit}.",
        f"{_swapped(digits)}{unit}",
    ]
    yield from (Made(example=example, answer=answer, right=True) for answer in right)
    yield from (Made(example=example, answer=answer, right=False) for answer in wrong)


def _swapped(digits: str) -> str:
    """`digits` with the first digit raised by one, or lowered where it is a nine."""
    at = next(at for at, digit in enumerate(digits) if digit in "123456789")
    return digits[:at] + str((int(digits[at]) % 9) + 1) + digits[at + 1 :]


def bioasq(judge: Judge, data: Path, show: int) -> None:
    """Yes/no flipped, the factoid of another question, one element of a list swapped."""
    questions = [
        question
        for path in sorted((data / "bioasq" / "golden").glob("*.json"))
        for question in json.loads(path.read_text(encoding="utf-8"))["questions"]
    ]
    by_type = defaultdict(list)
    for question in questions:
        by_type[question["type"]].append(question)
    yesno = []
    for q in by_type["yesno"]:
        exact = str(q["exact_answer"]).strip().lower()
        if exact not in ("yes", "no"):
            continue
        example = QAExample(id=q["id"], question=q["body"], references=(exact,), type="yesno")
        yesno.append((example, q["ideal_answer"][0], exact, "no" if exact == "yes" else "yes"))
    factoids = [
        (
            QAExample(id=q["id"], question=q["body"], references=_exact(q), type="factoid"),
            _exact(q)[0],
        )
        for q in by_type["factoid"]
        if _exact(q)
    ]
    pairs = [(example, right, wrong) for example, _, right, wrong in yesno]
    pairs += [
        (example, right, other)
        for (example, right), (_, other) in zip(factoids, factoids[1:] + factoids[:1], strict=True)
        if other.lower() != right.lower()
    ]
    right = scored(judge, [(e, r) for e, r, _ in pairs], "accuracy")
    wrong = scored(judge, [(e, w) for e, _, w in pairs], "accuracy")
    sure = right >= _RIGHT
    held = (wrong <= _WRONG)[sure]
    print(
        f"| BioASQ | exact answers, right ≥ .8; other ≤ .2 where it is | {sure.mean():.3f}; "
        f"{held.mean():.4f} of {sure.sum()} |"
    )
    _furthest(
        "BioASQ exact",
        show,
        wrong * sure + (1 - right),
        [
            f"right {r:.2f} wrong {w:.2f} Q {e.question} R {e.references} A {a!r} W {b!r}"
            for (e, a, b), r, w in zip(pairs, right, wrong, strict=True)
        ],
    )
    lists = []
    names = [q for q in by_type["list"] if len(_elements(q)) > 1]
    for q, other in zip(names, names[1:] + names[:1], strict=True):
        elements = _elements(q)
        example = QAExample(
            id=q["id"], question=q["body"], references=(", ".join(elements),), type="list"
        )
        swapped = [*elements[1:], _elements(other)[0]]
        lists.append((example, ", ".join(elements), ", ".join(swapped)))
    all_there = judged(judge, [(e, a) for e, a, _ in lists])
    one_swapped = judged(judge, [(e, a) for e, _, a in lists])
    whole, whole_c = (values(all_there, metric) for metric in ("accuracy", "completeness"))
    less, less_c = (values(one_swapped, metric) for metric in ("accuracy", "completeness"))
    print(
        f"| BioASQ | one element swapped is lower: accuracy, completeness | "
        f"{(less < whole).mean():.4f}, {(less_c < whole_c).mean():.4f} of {len(lists)} |"
    )
    _furthest(
        "BioASQ lists",
        show,
        (less >= whole) * 1.0,
        [
            f"{w:.2f} {s:.2f} R {e.references} S {b!r}"
            for (e, _, b), w, s in zip(lists, whole, less, strict=True)
        ],
    )


def _exact(question: dict[str, object]) -> tuple[str, ...]:
    exact = question.get("exact_answer") or []
    if isinstance(exact, str):
        return (exact,)
    return tuple(str(one[0] if isinstance(one, list) else one) for one in exact)


def _elements(question: dict[str, object]) -> list[str]:
    return [str(one[0] if isinstance(one, list) else one) for one in question["exact_answer"]]


_DENIALS: tuple[Callable[[str], str], ...] = (
    lambda text: f"It is false that {text[:1].lower()}{text[1:]}",
    lambda text: f"{text} This is wrong.",
    lambda text: f"It is not {text}",
)


def denials(judge: Judge, data: Path, show: int) -> None:
    """The shipped suites' references, denied in three ways: mean accuracy of each."""
    del data
    examples = [
        example
        for path in sorted(_SUITES.glob("*/suite.toml"))
        for example in load_suite(path).examples
        if example.answerable and example.references
    ]
    for deny in _DENIALS:
        answers = [(example, deny(example.references[0])) for example in examples]
        given = scored(judge, answers, "accuracy")
        print(f"| shipped suites | “{deny('…')}” | {given.mean():.4f} of {len(examples)} |")
        _furthest(
            "denials",
            show,
            given,
            [f"{g:.2f} Q {e.question} A {a!r}" for (e, a), g in zip(answers, given, strict=True)],
        )


def _made(name: str, judge: Judge, made: Sequence[Made], show: int) -> None:
    given = scored(judge, [(row.example, row.answer) for row in made], "accuracy")
    right = np.array([row.right for row in made])
    print(
        f"| {name} | right ≥ .8; wrong ≤ .2 | {(given[right] >= _RIGHT).mean():.4f}; "
        f"{(given[~right] <= _WRONG).mean():.4f} of {len(made)} |"
    )
    _furthest(
        name,
        show,
        np.where(right, 1 - given, given),
        [
            f"{g:.2f} right={row.right} Q {row.example.question[:150]} R {row.example.references} "
            f"A {row.answer!r}"
            for row, g in zip(made, given, strict=True)
        ],
    )


def _line(
    name: str,
    what: str,
    figure: Callable[[np.ndarray], float],
    groups: np.ndarray,
    *,
    digits: int = 3,
) -> None:
    low, high = interval(groups, figure)
    all_of_them = figure(np.arange(len(groups)))
    print(f"| {name} | {what} | {all_of_them:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}] |")


def _furthest(name: str, show: int, distance: Values, texts: Sequence[str]) -> None:
    for at in np.argsort(-distance, kind="stable")[:show]:
        if distance[at] > _WRONG:
            print(f"  {name}: {texts[at]}")


PARTS = {part.__name__: part for part in (financebench, ragchecker, tatqa, bioasq, denials)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one table line a figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--judge", default="reference", help="as --ragft-judge")
    parser.add_argument("--part", action="append", choices=sorted(PARTS), default=None)
    parser.add_argument("--show", type=int, default=0, metavar="N")
    given = parser.parse_args(arguments)
    judge = open_judge(given.judge)
    print("| set | figure | measured |\n| --- | --- | --- |")
    for name in given.part or PARTS:
        PARTS[name](judge, Path(os.environ["RAGFT_DATA"]), given.show)


if __name__ == "__main__":
    main()
