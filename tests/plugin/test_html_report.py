"""`--ragft-html` and `ragft report --html`, as a user asks for them."""

from __future__ import annotations

from tests.commands.running import ragft
from tests.example import Example


def test_a_run_writes_its_page(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    result = example.gate("--ragft-html=out/report.html", "--ragft-json=report.json")
    page = (example.folder / "out" / "report.html").read_text(encoding="utf-8")
    again = ragft(example.folder, "report", "report.json", "--html", "again.html")

    assert result.code == 1
    assert "report: " in result.out
    assert "Do not deploy variant" in page
    assert "demo::q" in page
    assert again.code == 0, again.err
    assert "Do not deploy variant" in (example.folder / "again.html").read_text(encoding="utf-8")


def test_a_page_without_texts_holds_none(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    example.gate("--ragft-html=report.html", "--ragft-texts=none")

    page = (example.folder / "report.html").read_text(encoding="utf-8")
    assert "Zanzibar" not in page
    assert "demo::q" in page


def test_a_missing_extra_is_a_usage_error_before_any_work(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("hide.py", "import sys\nsys.modules['jinja2'] = None\n")
    kept = example.write("report.html", "an earlier page that is no report")

    example.cold = True
    result = example.gate("-p", "hide", "--ragft-html=report.html")

    assert result.code == 4
    assert "pip install 'pytest-ragft[report]'" in " ".join((result.out + result.err).split())
    assert "Traceback" not in result.out + result.err
    assert not (example.folder / ".ragft").exists()
    assert kept.exists()


def test_another_file_is_not_overwritten(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    kept = example.write("index.html", "<p>my own page</p>")

    result = example.gate("--ragft-html=index.html")

    assert result.code == 4
    assert "exists and is no report" in " ".join((result.out + result.err).split())
    assert kept.read_text() == "<p>my own page</p>"
