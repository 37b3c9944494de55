"""People's own data, made up: Markdown pages, a CSV of questions, recorded answers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

PAGES, QUESTIONS = 20, 60
SUITE = "pumps"
"""The name of the suite that the recorded answers are for."""

_NAMES = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper",
    "Katsura", "Larch", "Maple", "Nutmeg", "Olive", "Pine", "Quince", "Rowan", "Spruce", "Tamarind",
)  # fmt: skip
_MAKERS = ("Brandt & Sons", "Okafor Works", "Lindqvist", "Moreau Frères", "Tanaka Lab")
_COLOURS = ("amber", "slate", "ivory", "crimson", "teal", "sand", "olive")


def page(at: int) -> tuple[str, str]:
    """Name and text of a page, from 0."""
    name = _NAMES[at]
    return f"{name.lower()}.md", (
        f"# {name} pump\n\nThe {name} pump is made by {_MAKERS[at % 5]} for small greenhouses.\n\n"
        f"## Flow\n\nAt full power the {name} pump moves {310 + 17 * at} litres an hour. It needs "
        f"{21 + at} watts for that.\n\n"
        f"## Housing\n\nThe housing of the {name} pump is {_COLOURS[at % 7]}. It was first sold on "
        f"{at + 3} March {1994 + at}.\n\n"
        "| part | where |\n| --- | --- |\n| filter | below the lid |\n| fuse | beside the plug |\n"
    )


def question(at: int) -> tuple[str, str]:
    """A question and its answer, from 0: three a page."""
    number, kind = divmod(at, 3)
    name = _NAMES[number]
    if kind == 0:
        return f"How many litres an hour does the {name} pump move?", f"{310 + 17 * number} litres"
    if kind == 1:
        return f"Who makes the {name} pump?", _MAKERS[number % 5]
    return f"When was the {name} pump first sold?", f"{number + 3} March {1994 + number}"


def write_own_data(folder: Path) -> None:
    """`faq.csv`, `pages/` and the recorded answers `old.jsonl`, `new.jsonl` and `worse.jsonl`."""
    (folder / "pages").mkdir(parents=True)
    for at in range(PAGES):
        name, text = page(at)
        (folder / "pages" / name).write_text(text, encoding="utf-8")
    rows = [question(at) for at in range(QUESTIONS)]
    with (folder / "faq.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("Question", "Answer"), *rows])
    wrong = {"old": 7, "new": 9, "worse": 2}
    for name, each in wrong.items():
        lines = (
            {
                "suite": SUITE,
                "id": f"q-{at + 1:02}",
                "answer": "a thing" if at % each == 1 else reference,
            }
            for at, (_, reference) in enumerate(rows)
        )
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
