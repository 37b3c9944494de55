"""Examples of every command, and how `--help` shows them."""

from __future__ import annotations

import argparse
import textwrap

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "example": (("ragft example", "into the new folder ragft-example; prints what to run next"),),
    "import": (
        ("ragft import faq.csv --documents docs --out suites/mine", "columns by common names"),
        (
            "ragft import faq.csv --documents docs --out suites/mine \\\n"
            "      --columns question=Frage,references=Antwort --separator ';'",
            "columns of other names, several right answers in a cell",
        ),
    ),
    "plan": (
        ("ragft plan suites", "what these suites can decide, with a typical spread"),
        ("ragft plan suites --run run.json", "with the spread of a run"),
        ("ragft plan --margin accuracy:0.03", "how many questions, before there is a suite"),
    ),
    "convert": (
        ("ragft convert --list", "which formats there are, and where they come from"),
        ("ragft convert squad dev-v2.0.json --out suites/squad", "a file, folder or glob"),
        (
            "ragft convert csv faq.csv --column question=Question --column references=Answer "
            "--out suites/faq --corpus pages.jsonl",
            "which column holds what",
        ),
        (
            "ragft convert parquet hf:org/name --option split=test --out suites/name",
            "a data set of the Hub",
        ),
    ),
    "finetune": (
        (
            "ragft finetune training/mine --base org/name --gated suites --out ft-ckpt --dry-run",
            "what is taught, what is wrong with it, how long it takes",
        ),
        (
            "ragft finetune training/mine --base org/name --gated suites --out ft-ckpt \\\n"
            "      --form retrieved --method lora --rank 16 --rslora",
            "with the passages that the suite's retriever finds",
        ),
        (
            "ragft finetune faq.csv --format csv --base org/name --like suites/mine --out ft",
            "questions of a table, asked as suites/mine asks",
        ),
    ),
    "study": (
        ("ragft study study.toml --dry-run", "which cells there are, and how long they take"),
        ("ragft study study.toml", "trains, gates and reports what is not there yet"),
        ("ragft study study.toml --part 1/2 --out first", "a half, on one of two machines"),
        ("ragft study study.toml --merge first second", "both halves put together"),
    ),
    "show": (
        ("ragft show q-017", "a question of the last run"),
        ("ragft show biomedical::q-017 --run run.json", "of a run that was reported"),
    ),
    "report": (
        ("ragft report", "the last run, as pytest showed it"),
        ("ragft report run.json --markdown report.md --texts none", "for a pull request"),
    ),
    "compare": (("ragft compare monday.json today.json", "what changed since"),),
    "card": (
        ("ragft card run.json", "the section and its metadata, to read"),
        ("ragft card run.json --out ft-ckpt/README.md", "into a model card that stays otherwise"),
    ),
    "check": (
        ("ragft check suites", "repeats, unsupported references, gates that cannot decide"),
        ("ragft check suites --training train.jsonl", "questions that the model was trained on"),
    ),
    "index": (
        ("ragft index list --suites suites", "what there is"),
        ("ragft index build --suites suites", "before a gate needs it"),
        ("ragft index prune --suites suites --yes", "what no suite searches any more"),
    ),
    "retrieve": (
        ("ragft retrieve q-017 --suites suites -k 10", "a question of a suite"),
        ("ragft retrieve 'Which metal is in chlorophyll?' --suite biomedical", "any question"),
    ),
    "judge": (
        ("ragft judge answers.jsonl --out scores.jsonl", "with the reference judge"),
        (
            "ragft judge --check openai:MODEL@http://localhost:8000/v1",
            "is this judge any good, and what does it cost?",
        ),
    ),
    "label": (
        (
            "ragft label suites --model ft-ckpt --out sheet.csv",
            "as many questions as people's labels need",
        ),
    ),
    "calibrate": (
        (
            "ragft calibrate --labels sheet.csv --labels sheet.key.jsonl",
            "how far the judge agrees with people",
        ),
    ),
}
"""By command: what to type, and what for."""

MAIN = (
    ("pytest suites --ragft-model=ft-ckpt", "the gate itself"),
    ("ragft show q-017", "a question that got worse"),
    ("ragft compare monday.json today.json", "what changed between two runs"),
    ("ragft COMMAND --help", "what a command takes, with examples"),
)


class HelpFormatter(argparse.HelpFormatter):
    """Keeps the paragraphs of an epilog apart, and indented lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            paragraph
            if "\n" in paragraph or paragraph.startswith(" ")
            else textwrap.fill(paragraph, width, initial_indent=indent, subsequent_indent=indent)
            for paragraph in paragraphs
        )


def with_examples(epilog: str | None, examples: tuple[tuple[str, str], ...]) -> str:
    """An epilog with examples at its end."""
    lines = [f"  {command}\n      {purpose}" for command, purpose in examples]
    shown = ["\n".join(["examples:", *lines])] if lines else []
    return "\n\n".join([*([epilog] if epilog else []), *shown])
