"""A thin copy of the labelled data in ``RAGFT_DATA``, on which a study takes seconds."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

from studies.judge.labelled import question_key

TESTED, OTHERS, EVERY, ASKED = 8, 40, 10, 8
"""Questions of NQ301, others of EVOUNA-NQ, each so many-th statement of K-QA, of BioASQ."""
SAMPLES = 2
"""Of each type of dialogue."""


def thin_copy(data: Path, target: Path) -> Path:
    """All sets that the studies read, about the same few questions."""
    rows = json.loads(_text(data / EVOUNA))
    tested = {question_key(row["Question"]) for row in _table(data / NQ301)}
    usable = [
        question_key(row["question"])
        for row in rows
        if row["golden_answer"] and not row["improper"]
    ]
    kept = {key for key in usable if key in tested}
    kept = set(sorted(kept)[:TESTED])
    kept |= set([key for key in usable if key not in tested][:OTHERS])

    def has(question: str) -> bool:
        return question_key(question) in kept

    _write(target / EVOUNA, json.dumps([row for row in rows if has(row["question"])]))
    _write_table(target / NQ301, [row for row in _table(data / NQ301) if has(row["Question"])])
    _write_table(target / KQA, _table(data / KQA, ",")[::EVERY], ",")
    for file in (data / OUTPUTS).glob("*.jsonl"):
        lines = [line for line in _text(file).splitlines() if has(json.loads(line)["question"])]
        _write(target / OUTPUTS / file.name, "\n".join(lines) + "\n")
    with gzip.open(data / GOLD, "rt", encoding="utf-8") as lines:
        gold = [line for line in lines if has(json.loads(line)["question"])]
    (target / GOLD).parent.mkdir(parents=True)
    with gzip.open(target / GOLD, "wt", encoding="utf-8") as file:
        file.writelines(gold)
    first = min((data / BIOASQ).glob("*.json"))
    questions = json.loads(_text(first))["questions"][:ASKED]
    _write(target / BIOASQ / first.name, json.dumps({"questions": questions}))
    # Whole questions, so that systems have answered the same ones.
    finance = _text(data / FINANCE).splitlines()
    asked = list(dict.fromkeys(json.loads(line)["id"] for line in finance))[::EVERY]
    finance = [line for line in finance if json.loads(line)["id"] in asked]
    _write(target / FINANCE, "\n".join(finance) + "\n")
    for file in (data / DIALOGUES).glob("*.json"):
        samples = list(json.loads(_text(file)).items())[:SAMPLES]
        _write(target / DIALOGUES / file.name, json.dumps(dict(samples)))
    _write(target / RAGCHECKER, json.dumps(json.loads(_text(data / RAGCHECKER))[:ASKED]))
    _write(target / TATQA, json.dumps(json.loads(_text(data / TATQA))[:2]))
    for place in CLAPNQ:
        _write(target / place, "\n".join(_text(data / place).splitlines()[:ASKED]) + "\n")
    _write(target / KQA_ASKED, "\n".join(_text(data / KQA_ASKED).splitlines()[:ASKED]) + "\n")
    paper, _ = json.JSONDecoder().raw_decode(_text(data / QASPER).lstrip())
    _write(target / QASPER, json.dumps(paper))
    return target


CLAPNQ = [
    Path("clapnq_dev", "annotated_data", "dev", f"clapnq_dev_{name}.jsonl")
    for name in ("answerable", "unanswerable")
]
QASPER = Path("qasper_sample10", "qasper-original-sample.json")
RAGCHECKER = Path("ragchecker_half", "human_labeled_data_half.json")
TATQA = Path("tatqa_dev", "tatqa_dataset_dev.json")
FINANCE = Path("financebench_half", "answers.jsonl")
EVOUNA = Path("evouna_nq", "NQ.json")
NQ301 = Path("nq301_human", "data", "NQ301_human.tsv")
OUTPUTS = Path("nq301_human", "data", "model_outputs")
GOLD = Path("nq_open_oracle", "qa_data", "nq-open-oracle.jsonl.gz")
KQA_ASKED = Path("kqa", "dataset", "questions_w_answers.jsonl")
KQA = Path("kqa", "dataset", "NLI_medical_annotator.csv")
BIOASQ = Path("bioasq", "golden")
DIALOGUES = Path("finetune_or_rag")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _table(path: Path, delimiter: str = "\t") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _write_table(path: Path, rows: list[dict[str, str]], delimiter: str = "\t") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
