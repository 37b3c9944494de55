"""The page of a study says what its Markdown says, loads nothing, and trusts no text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.reporting.html import MARK
from pytest_ragft.reporting.html.study import study_page
from pytest_ragft.reporting.study_figure import draw
from pytest_ragft.reporting.study_sections import sections
from pytest_ragft.study.records import StudyResult
from tests.browser import ARTIFACTS, chromium
from tests.hostile import HOSTILE
from tests.made_study import made_study
from tests.unit.test_reporting_html import Page
from tests.unit.test_reporting_html_browser import SIZES, Visit

FIGURE = b"<svg xmlns='http://www.w3.org/2000/svg' width='7' height='5'/>"


@pytest.fixture(scope="module")
def study() -> StudyResult:
    return made_study(
        questions={"bioasq": 90, "qasper": 51},
        failed={"bioasq-lora-closed-book-500-s0": "the loss is NaN at step 12"},
        not_run=("qasper-lora-retrieved-200-s0",),
    )


def test_it_holds_every_sentence_and_cell(study: StudyResult) -> None:
    text = study_page(study, FIGURE, "0.1.0")
    page = Page(text)

    assert page.open == []
    assert MARK in text
    assert "What training did" in page.text
    for section in sections(study):
        assert section.title in page.text
        for line in section.lines:
            assert line in page.text
        for table in section.tables:
            assert table.caption in page.text
            for row in table.rows:
                assert all(cell in page.text for cell in row)
    assert "Of 6 planned models, 1 failed and 1 was not run." in page.text


def test_it_loads_nothing_and_runs_nothing(study: StudyResult) -> None:
    text = study_page(study, FIGURE, "0.1.0")
    page = Page(text)
    (policy,) = (v for t, _, v in page.attributes if t == "meta" and "default-src" in v)
    sources = [v for _, name, v in page.attributes if name in ("src", "srcset", "action")]
    links = [v for t, name, v in page.attributes if name == "href" and t == "a"]
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert sources == [f"data:image/svg+xml;base64,{base64.b64encode(FIGURE).decode()}"]
    assert "script-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert page.tags["script"] == 0
    assert {link for link in links if link[0] != "#"} == {"runs/bioasq-base.html"}
    assert not [name for _, name, _ in page.attributes if name == "style"]


def test_without_a_model_it_shows_the_bases_and_no_figure() -> None:
    study = made_study(recipes=(), questions={"bioasq": 60})
    page = Page(study_page(study, None, "0.1.0"))
    assert "No model has been trained and measured." in page.text
    assert page.sections == ["verdict", "knowledge", "bases", "settings"]
    assert page.tags["img"] == 0


def hostile(study: StudyResult, text: str) -> StudyResult:
    """Every text of others that can reach the page."""
    base = study.bases[0]
    return replace(
        study,
        bases=(replace(base, run=f"{text}/x"), *study.bases[1:]),
        failed={f"cell {text}": text},
        notes=(text,),
        plan=replace(study.plan, name=text, judge=text),
        cells=tuple(
            replace(
                of,
                facts={"data": {"pairs": text, "familiarity": text}, "training": text},
                retention=tuple(replace(k, suite=f"{k.suite} {text}") for k in of.retention),
                gates=tuple(
                    replace(g, strata=tuple(replace(s, name=f"{s.name} {text}") for s in g.strata))
                    for g in of.gates
                ),
            )
            for of in study.cells
        ),
    )


def test_hostile_texts_stay_texts() -> None:
    study = made_study(recipes=[Recipe(size=200)], knowledge=("retrieved",))
    plain = Page(study_page(hostile(study, "plain"), FIGURE, "0.1.0"))
    known = {(tag, attribute) for tag, attribute, _ in plain.attributes}
    for text in HOSTILE.values():
        page = Page(study_page(hostile(study, text[:300]), FIGURE, "0.1.0"))

        assert page.open == []
        different = {t for t in page.tags | plain.tags if page.tags[t] != plain.tags[t]}
        assert different <= {"code"}, text
        links = [v for t, attribute, v in page.attributes if attribute == "href" and t == "a"]
        assert all(link.startswith(("#", "runs/")) for link in links)
        assert {(tag, attribute) for tag, attribute, _ in page.attributes} <= known


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_right_and_axe_finds_nothing_serious(
    study: StudyResult, browser: Any, tmp_path: Path, size: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python")
    pytest.importorskip("matplotlib")
    file = tmp_path / "index.html"
    file.write_text(study_page(study, draw(study, "svg"), "0.1.0"), encoding="utf-8")
    here = Visit(browser, file, size, scheme)

    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    here.page.screenshot(path=ARTIFACTS / f"study-{size}-{scheme}.png", full_page=True)
    drawn = here.page.evaluate("document.querySelector('figure img').naturalWidth")
    width = here.page.evaluate("document.documentElement.scrollWidth")
    here.page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = here.page.evaluate("axe.run(document)")["violations"]
    here.context.close()

    assert drawn > 100
    assert width <= SIZES[size][0]
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert [c for c in here.complaints if not c.startswith("data:image")] == []
