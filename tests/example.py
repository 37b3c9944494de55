"""A small project with suites and recorded answers, on which the plugin is run as a user would."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import warm


@dataclass(frozen=True)
class Result:
    """How a pytest process ended and what it printed."""

    code: int
    out: str
    err: str
    junit: ET.Element | None

    def case(self, name: str) -> ET.Element:
        assert self.junit is not None, self.out + self.err
        (found,) = [c for c in self.junit.iter("testcase") if c.get("name") == name]
        return found

    def outcome(self, name: str) -> str:
        """passed, failed, error or skipped, as JUnit says."""
        tags = {child.tag for child in self.case(name)}
        names = {"failure": "failed", "error": "error", "skipped": "skipped"}
        return next((names[tag] for tag in names if tag in tags), "passed")

    def properties(self, name: str) -> dict[str, str]:
        return {p.attrib["name"]: p.attrib["value"] for p in self.case(name).iter("property")}


class Example:
    """Suites of made-up questions in a folder, and recorded answers of any quality."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cold = not warm.POSSIBLE
        """Whether pytest runs in processes that have imported nothing yet."""

    def suite(
        self,
        name: str = "demo",
        *,
        documents: int = 60,
        per_document: int = 4,
        toml: str = "",
        head: str = "",
        clustered: bool = True,
    ) -> Example:
        """Write suites/<name>: each question asks for a code word that one passage states.

        With fewer than 59 documents not even an identical run passes.
        """
        questions, corpus = [], []
        for d in range(documents):
            for i in range(per_document):
                code = code_word(name, d, i)
                corpus.append(
                    {
                        "_id": f"d{d}-p{i}",
                        "title": f"Document {d}",
                        "text": f"In {name} the code of item {d}x{i} is {code}.",
                        "document": f"{name} {d}",
                    }
                )
                question = {
                    "id": f"q{d}-{i}",
                    "question": f"Which code has item {d}x{i} in {name}?",
                    "references": [code],
                    "facts": [code],
                    "relevant": [f"d{d}-p{i}"],
                    "answerable": True,
                    "type": "factoid",
                }
                questions.append(question | ({"document": f"{name} {d}"} if clustered else {}))
        self.write(
            f"suites/{name}/suite.toml",
            f'[suite]\nname = "{name}"\nquestions = "questions.jsonl"\ncorpus = "corpus.jsonl"\n'
            f"{head}\n{toml}",
        )
        self.write_lines(f"suites/{name}/questions.jsonl", questions)
        self.write_lines(f"suites/{name}/corpus.jsonl", corpus)
        return self

    def recorded(
        self, file: str, *, wrong: float = 0.0, suites: Iterable[str] = ("demo",)
    ) -> Example:
        """Write recorded answers, the given share of them wrong, spread over the documents."""
        lines = []
        for suite in suites:
            ids = [q["id"] for q in self.read_lines(f"suites/{suite}/questions.jsonl")]
            for position, example_id in enumerate(ids):
                document, item = map(int, example_id[1:].split("-"))
                right = (position * 0.6180339887) % 1.0 >= wrong
                text = code_word(suite, document, item) if right else "Zanzibar, perhaps."
                lines.append({"suite": suite, "id": example_id, "answer": text})
        self.write_lines(file, lines)
        return self

    def write(self, file: str, text: str) -> Path:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def write_lines(self, file: str, lines: Iterable[Mapping[str, Any]]) -> Path:
        return self.write(file, "".join(json.dumps(line) + "\n" for line in lines))

    def read_lines(self, file: str) -> list[dict[str, Any]]:
        text = (self.folder / file).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def run_pytest(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        """Run pytest in a process of its own in the example's folder."""
        junit = self.folder / "junit.xml"
        junit.unlink(missing_ok=True)
        told = _run_pytest(
            [f"--junitxml={junit}", *PLUGINS, *arguments],
            cwd=self.folder,
            env=clean_environment() | dict(env or {}),
            # Python reads its own settings as it starts.
            cold=self.cold or any(name.startswith("PYTHON") for name in env or {}),
        )
        return Result(*told, ET.parse(junit).getroot() if junit.exists() else None)

    def gate(self, *arguments: str, **kwargs: Any) -> Result:
        """Gate variant.jsonl against baseline.jsonl on all suites."""
        return self.run_pytest(
            "suites",
            "--ragft-model=variant.jsonl",
            "--ragft-baseline=baseline.jsonl",
            *arguments,
            **kwargs,
        )


PLUGINS = ("-p", "no:cacheprovider", "-p", "no:deepeval", "-p", "no:asyncio")
"""Plugins of the development environment that examples do without."""


def _run_pytest(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], cold: bool
) -> tuple[int, str, str]:
    if not cold:
        models = any(argument.startswith("--ragft-base=") for argument in arguments)
        return warm.run(arguments, cwd=cwd, env=env, models=models)
    return warm.cold(["-m", "pytest", *arguments], cwd=cwd, env=env)


def code_word(suite: str, document: int, item: int) -> str:
    return f"{suite}code{document:03d}{item:02d}"


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of the plugin, of pytest or of a CI service."""
    dropped = ("RAGFT_", "PYTEST_", "COV_", "GITHUB_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return kept | {"COLUMNS": "120", "PYTHONIOENCODING": "utf-8"}
