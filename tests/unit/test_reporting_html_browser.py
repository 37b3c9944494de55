"""The HTML report in a browser: with keys, in both schemes, on a phone, and with hostile texts.

Skips where there is no browser (see `tests/browser.py`), also with ``CI=true``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.reporting.html import to_html
from tests.browser import ARTIFACTS, chromium
from tests.hostile_run import hostile_run
from tests.reported_run import made_run
from tests.unit.test_reporting_examples import EXAMPLES

QUESTIONS = 130
SIZES = {"desk": (1400, 900), "phone": (400, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    made = to_html(made_run(QUESTIONS, ("short-answers", "rag-format")))
    (folder / "made.html").write_text(made, encoding="utf-8")
    (folder / "hostile.html").write_text(to_html(hostile_run()), encoding="utf-8")
    (folder / "bare.html").write_text(to_html(EXAMPLES["full"]), encoding="utf-8")
    return folder


class Visit:
    """A page with everything that it must not do."""

    def __init__(self, browser: Any, file: Path, size: str = "desk", scheme: str = "light") -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(file.as_uri())

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:,")):
            self.complaints.append(url)

    def ready(self) -> Any:
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def open_first(self) -> Any:
        self.page.locator("#rows .open").first.click()
        self.page.wait_for_selector(".detail .sides")
        return self.page.locator(".detail").first


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Any]:
    visits: list[Visit] = []

    def open_page(file: str = "made.html", **kwargs: str) -> Visit:
        visits.append(Visit(browser, pages / file, **kwargs))
        return visits[-1]

    yield open_page
    for each in visits:
        each.context.close()
        assert each.complaints == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_right_and_axe_finds_nothing_serious(visit: Any, size: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python")
    here = visit(size=size, scheme=scheme)
    page = here.ready()
    page.fill("#search", "q-0000")
    page.locator("#found", has_text=re.compile(r"^10 of")).wait_for()
    here.open_first()

    width = page.evaluate("document.documentElement.scrollWidth")
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"report-{size}-{scheme}.png", full_page=True)
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")["violations"]

    assert width <= SIZES[size][0]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = sum(map(int, re.findall(r"\d+", ground)[:3])) < 300
    assert dark == (scheme == "dark")
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_search_looks_into_questions_answers_and_ids(visit: Any) -> None:
    from playwright.sync_api import expect

    page = visit().ready()
    found = page.locator("#found")
    result = made_run(QUESTIONS, ("short-answers", "rag-format"))
    case = next(c for c in result.cases.values() if c.answer.text not in c.example.references)

    expect(found).to_have_text(f"{QUESTIONS} of {QUESTIONS} questions")
    for words in (case.example.question, case.answer.text, f"{case.suite}::{case.example.id}"):
        page.fill("#search", words)
        expect(found).to_have_text(re.compile(rf"^[1-9]\d? of {QUESTIONS} questions"))
        expect(page.locator("#rows")).to_contain_text(case.example.id)
    page.fill("#search", "certainly-not-there")
    expect(found).to_have_text(f"0 of {QUESTIONS} questions")


def test_filters_show_what_they_say(visit: Any) -> None:
    from playwright.sync_api import expect

    page = visit().ready()
    found = page.locator("#found")
    made = made_run(QUESTIONS, ("short-answers", "rag-format")).cases
    cases = [case for case in made.values() if case.variant == "short-answers"]

    def moved(case: Any, sign: int) -> bool:
        pairs = [(case.baseline_scores[m].value, case.scores[m].value) for m in case.scores]
        return any(b is not None and a is not None and (a - b) * sign > 0 for b, a in pairs)

    expected = {
        "lost": sum(moved(case, -1) for case in cases),
        "gained": sum(moved(case, 1) for case in cases),
        "missed": sum(
            case.example.relevant[0] not in {p.id for p in case.passages} for case in cases
        ),
        "unanswerable": sum(not case.example.answerable for case in cases),
        "cut": sum(case.answer.finish == "length" for case in cases),
        "refused": sum(bool(c.scores["accuracy"].evidence["abstained"]) for c in cases),
        "all": QUESTIONS,
    }
    for show, n in expected.items():
        page.select_option("#show", show)
        expect(found).to_have_text(f"{n} of {QUESTIONS} questions")
    page.select_option("#suite", label="papers")
    expect(found).to_have_text(
        f"{sum(case.suite == 'papers' for case in cases)} of {QUESTIONS} questions"
    )
    page.select_option("#variant", label="rag-format")
    expect(page.locator("#columns")).to_contain_text("accuracy")


def test_orders_are_those_of_the_numbers(visit: Any) -> None:
    page = visit().ready()

    def first_moves() -> list[float]:
        texts = page.locator("#rows tr td:nth-child(2) span").all_inner_texts()
        return [float(text.replace("−", "-")) for text in texts]

    lost = first_moves()
    page.get_by_role("button", name="accuracy", exact=True).click()
    page.wait_for_selector("th[aria-sort=descending]")
    gained = first_moves()
    page.select_option("#order", label="moved most in accuracy")
    sizes = [abs(move) for move in first_moves()]

    assert lost == sorted(lost)
    assert lost[0] < -0.9
    assert gained[0] > 0
    assert gained == sorted(gained, reverse=True)
    assert sizes == sorted(sizes, reverse=True)


def test_pages_turn(visit: Any) -> None:
    from playwright.sync_api import expect

    page = visit().ready()
    first = page.locator("#rows .open").first.inner_text()
    expect(page.locator("#place")).to_have_text("Page 1 of 3")
    expect(page.locator("#back")).to_be_disabled()
    page.click("#forth")
    page.click("#forth")
    expect(page.locator("#place")).to_have_text("Page 3 of 3")
    expect(page.locator("#forth")).to_be_disabled()
    assert page.locator("#rows .open").count() == QUESTIONS - 100
    page.click("#back")
    page.click("#back")
    assert page.locator("#rows .open").first.inner_text() == first


def test_a_question_opens_with_everything_about_it(visit: Any) -> None:
    here = visit()
    page = here.ready()
    page.select_option("#order", "suite")
    page.fill("#search", "q-00001")
    page.locator("#found", has_text="1 of").wait_for()
    shown = here.open_first().inner_text()
    case = made_run(QUESTIONS, ("short-answers", "rag-format")).cases[
        "biomedical", "q-00001", "short-answers"
    ]

    for text in (case.example.question, *case.example.references, *case.example.facts):
        assert text in shown
    for score in (*case.scores.values(), *case.baseline_scores.values()):
        assert score.reason in shown
    for passage in case.passages:
        assert passage.id in shown
    assert case.passages[0].text in shown  # the relevant one lies open
    page.locator("#rows .open").first.click()
    assert page.locator(".detail").count() == 0


def test_answers_show_what_was_lost_and_what_is_new(browser: Any, tmp_path: Path) -> None:
    made = made_run(1)
    ((key, case),) = made.cases.items()
    assert case.baseline_answer is not None
    spoken = replace(
        case,
        baseline_answer=replace(case.baseline_answer, text="It falls\nin cold\n\nweather."),
        answer=replace(case.answer, text="It rises\nin warm\n\nweather."),
    )
    file = tmp_path / "report.html"
    file.write_text(to_html(replace(made, cases={key: spoken})), encoding="utf-8")
    here = Visit(browser, file)
    here.ready()
    sides = here.open_first().locator(".side")
    before, after = (sides.nth(n).locator(".text").first for n in (0, 1))

    assert before.locator("del").all_text_contents() == ["falls\n", "cold\n\n"]
    assert after.locator("ins").all_text_contents() == ["rises\n", "warm\n\n"]
    assert before.text_content() == "It falls\nin cold\n\nweather."
    assert after.text_content() == "It rises\nin warm\n\nweather."
    here.context.close()


def test_keys_alone_reach_search_sort_and_a_question(visit: Any) -> None:
    page = visit().ready()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#search")
    page.keyboard.type("q-0000")
    page.locator("#found", has_text=re.compile(r"^\d\d? of")).wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "open":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".detail .sides")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.keyboard.press("Space")
    assert page.locator(".detail").count() == 0
    page.focus("#sort-0")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=descending]")
    assert page.evaluate("document.activeElement.id") == "sort-0"


def test_the_worst_question_is_one_click_away(visit: Any) -> None:
    page = visit().ready()
    link = page.locator("#verdict a.question").first
    name = link.inner_text()
    link.click()
    page.wait_for_selector(".detail .sides")

    opened = page.locator("tr", has=page.locator(".open[aria-expanded=true]"))
    assert name in opened.inner_text()
    assert page.locator(".detail").is_visible()


def test_without_scripts_all_but_the_questions_is_there(browser: Any, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "made.html").as_uri())
    text = page.locator("main").inner_text()
    context.close()

    for part in (
        "Do not deploy short-answers",
        "All gates against 0",
        "Variants by suite",
        "Where it moved",
    ):
        assert part in text
    assert "needs JavaScript" in text


def test_it_prints(visit: Any) -> None:
    here = visit(scheme="dark")
    page = here.ready()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".tools").is_visible()
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    assert len(page.pdf(path=ARTIFACTS / "report.pdf")) > 10_000


def test_hostile_texts_do_nothing(visit: Any) -> None:
    """Each is opened; one that acted would open a dialog, ask for something or make an element."""
    here = visit("hostile.html")
    page = here.ready()
    page.select_option("#order", "suite")
    kinds = "script, iframe, object, embed, img, form, meta, link, base, style, template, math"
    before = page.locator(kinds).count()
    for turn in range(2):
        if turn:
            page.click("#forth")
        rows = page.locator("#rows .open")
        for n in range(rows.count()):
            rows.nth(n).click()
        page.locator(".detail .sides").nth(rows.count() - 1).wait_for(state="attached")
        assert "\u0301" * 5 not in page.locator("#rows").inner_text()

    assert page.locator(kinds).count() == before
    assert page.locator("a[href]:not([href^='#'])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["desk"][0]
    strange = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]")
    assert not strange.search(page.locator("main").inner_text())


def test_a_run_without_questions_is_silent(visit: Any) -> None:
    page = visit("bare.html").page
    assert "This run holds no questions." in page.locator("#questions").inner_text()
