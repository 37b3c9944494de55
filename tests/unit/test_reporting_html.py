"""The HTML report says what the run says, holds no more texts than it may, and trusts none."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_ragft.errors import MissingDependencyError
from pytest_ragft.numbers import verdict_texts
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import conclude, gate_name
from pytest_ragft.reporting.html import MARK, to_html
from pytest_ragft.reporting.html.packed import BLOCK
from pytest_ragft.reporting.html.plots import forest, sorted_differences
from pytest_ragft.reporting.notes import notes
from tests.hostile_run import TEXTS, hostile_run
from tests.reported_run import made_run
from tests.unit.test_reporting_examples import EXAMPLES, FULL, gate, run

ORDER = [
    "verdict", "gates", "next", "suites", "differences", "parts", "retrieval", "judge",
    "questions", "reading", "repeat",
]  # fmt: skip
VOID = {"meta", "link", "br", "input", "img", "line", "rect", "circle", "path"}


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.sections: list[str] = []
        self.scripts: dict[str, str] = {}
        self.executed: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self._script: tuple[str, str] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        found = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.sections.append(found["id"])
        if tag == "script":
            self._script = (found.get("type", ""), found.get("id", ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            if self.open[-1:] != ["style"]:
                self.words.append(data)
        elif self._script[0]:
            self.scripts[self._script[1]] = data
        else:
            self.executed.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def block(self, name: str) -> Any:
        return json.loads(gzip.decompress(base64.b64decode(self.scripts[name])))

    def blocks(self, kind: str) -> list[Any]:
        names = [name for name in self.scripts if name.startswith(f"{kind}-")]
        return [item for name in names for item in self.block(name)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_run_gives_a_page_with_its_verdicts(name: str) -> None:
    result = EXAMPLES[name]
    text = to_html(result)
    page = Page(text)

    assert page.open == []
    assert MARK in text
    for conclusion in conclude(result):
        assert conclusion.decision in page.text
        assert ", ".join(conclusion.reasons) in page.text
    for of in result.gates:
        lower, estimate, upper = verdict_texts(of.verdict)
        assert gate_name(of) in page.text
        assert f"{estimate} [{lower}, {upper}]" in page.text
    for note in notes(result):
        assert note.replace("`", " ").split()[0] in page.text
    for error in result.errors:
        assert f"ERROR: {error}" in page.text


def test_its_parts_come_in_the_order_of_a_reader_in_a_hurry() -> None:
    assert Page(to_html(made_run(60))).sections == ORDER


def test_the_verdict_names_suite_size_bounds_question_and_what_to_try() -> None:
    result = made_run(600)
    page = Page(to_html(result))
    brief = page.text[: page.text.index("All gates against 0")]

    assert re.search(
        r"Worst suite papers How much worse completeness 0\.\d+ → 0\.\d+ \(−0\.\d+\)", brief
    )
    assert re.search(r"How sure between −0\.\d+ and −0\.\d+ \(each bound holds with", brief)
    assert re.search(r"Worst question papers::q-\d+ What of .* accuracy 1.00 → 0.\d+", brief)
    assert "What to do first keep the model that is deployed" in brief


def test_the_worst_cell_is_marked_once() -> None:
    text = to_html(FULL)
    assert text.count(">worst</span>") == 1
    cell = text[: text.index(">worst</span>")].rsplit("<strong>", 1)[1]
    assert cell.startswith("−0.220")


def test_a_page_asks_nothing_of_any_server() -> None:
    text = to_html(made_run(30))
    page = Page(text)
    policy = next(v for t, n, v in page.attributes if t == "meta" and "default-src" in v)

    assert {(t, n): v for t, n, v in page.attributes if n in ("src", "srcset", "action")} == {}
    links = {value[:1] for tag, name, value in page.attributes if name == "href" and tag == "a"}
    assert links == {"#"}
    assert "default-src 'none'" in policy
    (script,) = page.executed
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "innerHTML" not in script
    assert not [name for _, name, _ in page.attributes if name == "style"]
    assert "@import" not in text
    assert "url(" not in text


def test_the_packed_questions_are_those_of_the_run() -> None:
    result = made_run(BLOCK + 30, ("first", "second"))
    page = Page(to_html(result))
    index = page.block("index")
    details = page.blocks("details")
    passages = page.blocks("passages")

    assert len(index["rows"]) == len(details) == BLOCK + 30
    assert index["arms"] == ["baseline", "first", "second"]
    shown = {(case.suite, p.id): p.text for case in result.cases.values() for p in case.passages}
    assert sorted(p[2] for p in passages) == sorted(shown.values())
    for row, of in zip(index["rows"], details, strict=True):
        suite = index["suites"][row[0]]
        for position, variant in enumerate(("first", "second"), 1):
            case = result.cases[suite, row[1], variant]
            assert of["answers"][variant]["text"] == case.answer.text
            accuracy = index["metrics"].index("accuracy")
            assert row[5][position][1 + accuracy] == case.scores["accuracy"].value
            evidence = of["answers"][variant]["scores"]["accuracy"]["evidence"]
            assert evidence == case.scores["accuracy"].evidence
        assert of["answers"]["baseline"]["text"] == case.baseline_answer.text
        assert [passages[number][0] for number, _, _ in of["passages"]] == [
            p.id for p in case.passages
        ]
        assert tuple(of["references"]) == case.example.references
        was_missed = row[4] & 2 != 0
        assert was_missed == (case.example.relevant[0] not in {p.id for p in case.passages})


def test_a_report_without_texts_holds_ids_and_scores_alone() -> None:
    result = made_run(40)
    text = to_html(result, texts="none")
    page = Page(text)
    everything = page.text + "".join(
        gzip.decompress(base64.b64decode(block)).decode()
        for name, block in page.scripts.items()
        if name != "settings"
    )

    for case in result.cases.values():
        assert case.example.id in everything
        assert case.example.question not in everything
        for of in (*case.example.references, *case.example.facts):
            assert of not in everything
        for passage in case.passages:
            assert passage.text[:60] not in everything
    assert "holds ids and scores, and no texts" in page.text


def test_a_thousand_questions_with_three_variants_fit_into_two_megabytes() -> None:
    result = made_run(1_000, ("first", "second", "third"))
    assert len(to_html(result).encode()) <= 2_000_000


def test_equal_results_give_equal_bytes() -> None:
    assert to_html(made_run(50)) == to_html(made_run(50))


def test_hostile_texts_stay_texts() -> None:
    """Of 60 and more texts in every place, not one becomes markup, and none hides."""
    kinds = ("del", "ins", "code", "br", "q", "dl", "div", "dt", "dd", "svg", "rect", "circle")
    plain = Page(to_html(hostile_run(tuple(f"plain {n}" for n in range(len(TEXTS))))))
    text = to_html(hostile_run())
    page = Page(text)

    assert page.open == []
    different = {
        tag: (page.tags[tag], plain.tags[tag])
        for tag in page.tags | plain.tags
        if page.tags[tag] != plain.tags[tag] and tag not in kinds
    }
    assert different == {}
    known = {(tag, name) for tag, name, _ in plain.attributes}
    added = {(tag, name) for tag, name, _ in page.attributes} - known
    assert {name for _, name in added} <= {"class", "dir", "x", "y", "x1", "x2", "y1", "y2"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    links = [value for tag, name, value in page.attributes if name == "href" and tag == "a"]
    assert all(value.startswith("#") for value in links)
    assert len(page.executed) == 1
    assert page.executed == plain.executed
    text.encode()  # no half of a surrogate pair
    strange = {c for c in text if not (c.isprintable() or c == "\n")}
    assert strange == set()


def test_hostile_texts_arrive_unchanged_in_the_data() -> None:
    page = Page(to_html(hostile_run()))
    found = {of["answers"]["short-answers"]["text"] for of in page.blocks("details")}
    assert {f"{text} after" for text in TEXTS} <= found


@pytest.mark.parametrize("name", EXAMPLES)
def test_intervals_lie_on_the_side_of_the_lines_that_their_verdicts_say(name: str) -> None:
    gates = EXAMPLES[name].gates
    picture = forest(gates)
    for of in gates:
        drawn = picture.interval(of)
        left, right, limit = (
            float(place.rstrip("%")) for place in (drawn.left, drawn.right, picture.margin)
        )
        if of.verdict.outcome == "PASS":
            assert left > limit
        if of.verdict.outcome == "REGRESSION":
            assert right < limit


def test_a_bound_just_above_the_margin_is_not_drawn_on_it() -> None:
    picture = forest([gate(bounds=(-0.0499999, -0.02, 0.01))])
    drawn = picture.interval(gate(bounds=(-0.0499999, -0.02, 0.01)))
    assert float(drawn.left.rstrip("%")) > float(picture.margin.rstrip("%"))


def test_gates_of_different_margins_share_a_scale_in_margins() -> None:
    wide = gate("completeness", (-0.08, 0.01, 0.1))
    wide = replace(wide, verdict=replace(wide.verdict, margin=0.1))
    page = Page(to_html(run(gate(), wide)))
    assert "−margin" in page.text
    assert "the scale counts in margins" in page.text


def test_sorted_differences_count_what_fell_and_rose() -> None:
    of = sorted_differences([0.5, -1.0, 0.0, 0.0, -0.25])
    assert of.label == "5 questions: 2 fell, 2 as before, 1 rose"
    assert of.worse.startswith("M0.0 100L0.0 200.0H200.0")
    assert of.better.startswith("M800.0 100L800.0 50.0H1000.0")


def test_a_run_without_questions_still_gives_its_verdicts() -> None:
    page = Page(to_html(FULL))
    assert "This run holds no questions." in page.text
    assert "differences" not in page.sections


def test_the_command_repeats_the_run(example_run: RunResult) -> None:
    page = Page(to_html(example_run))
    assert (
        "pytest suites/biomedical suites/encyclopedia suites/papers "
        "--ragft-model=short-answers=checkpoints/short-answers "
        "--ragft-baseline=checkpoints/baseline --ragft-judge=reference --ragft-limit=7"
    ) in page.text


@pytest.fixture
def example_run() -> RunResult:
    return replace(made_run(30), limit=7)


def test_a_missing_jinja_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'pytest-ragft\[report\]'"):
        to_html(FULL)
