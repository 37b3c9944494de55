"""The shipped suites are well formed: ids resolve, facts are supported, nothing repeats."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import Stemmer

SUITES = Path(__file__).parents[2] / "suites"
NAMES = ("biomedical", "encyclopedia", "papers")
STOP_WORDS = """
a an and are as at be been but by can did do does for from had has have if in into is it its may
no not of on or so such than that the their them then there these they this those to was were
which while who with would
"""
STOP = frozenset(STOP_WORDS.split())
_stemmer = Stemmer.Stemmer("porter")


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[.,][0-9]+)*", text.lower())


def stems(text: str) -> list[str]:
    return _stemmer.stemWords([w for w in words(text) if w not in STOP])


def normal(text: str) -> str:
    return " ".join(w for w in words(text) if w not in {"a", "an", "the"})


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module", params=NAMES)
def suite(request):
    folder = SUITES / request.param
    return read(folder / "questions.jsonl"), read(folder / "corpus.jsonl")


def test_size(suite):
    questions, corpus = suite
    assert len(questions) >= 150
    assert len({p["document"] for p in corpus}) >= 40
    assert len({q["document"] for q in questions if q["answerable"]}) >= 40
    assert max(Counter(q["document"] for q in questions).values()) <= 8
    unanswerable = sum(not q["answerable"] for q in questions) / len(questions)
    assert 0.10 <= unanswerable <= 0.15


def test_passages_are_60_to_120_words(suite):
    _, corpus = suite
    sizes = {p["_id"]: len(p["text"].split()) for p in corpus}
    assert not {i: n for i, n in sizes.items() if not 60 <= n <= 120}


def test_ids_are_unique_and_resolve(suite):
    questions, corpus = suite
    passages = {p["_id"]: p for p in corpus}
    assert len(passages) == len(corpus)
    assert len({q["id"] for q in questions}) == len(questions)
    for q in questions:
        assert set(q) == {
            "id", "question", "references", "facts", "relevant",
            "document", "answerable", "type", "tags",
        }, q["id"]  # fmt: skip
        assert q["type"] in {"factoid", "yesno", "list", "number", "date", "summary"}, q["id"]
        assert q["document"] in {p["document"] for p in corpus}, q["id"]
        for passage_id in q["relevant"]:
            assert passages[passage_id]["document"] == q["document"], q["id"]
    for p in corpus:
        assert set(p) == {"_id", "title", "text", "document"}, p["_id"]
        assert p["_id"].startswith(p["document"] + "-p"), p["_id"]


def test_no_duplicates(suite):
    questions, corpus = suite
    for texts in ([q["question"] for q in questions], [p["text"] for p in corpus]):
        repeated = [t for t, n in Counter(map(normal, texts)).items() if n > 1]
        assert not repeated
    shingles: dict[tuple, str] = {}
    for p in corpus:
        tokens = words(p["text"])
        for i in range(len(tokens) - 11):
            other = shingles.setdefault(tuple(tokens[i : i + 12]), p["_id"])
            assert other == p["_id"], f"{p['_id']} and {other} share a run of 12 words"


def test_answerable_has_references_facts_and_relevant(suite):
    questions, _ = suite
    for q in questions:
        if q["answerable"]:
            assert all((q["references"], q["facts"], q["relevant"])), q["id"]
        else:
            assert not any((q["references"], q["facts"], q["relevant"])), q["id"]


def test_every_fact_is_supported_by_its_passages(suite):
    questions, corpus = suite
    text = {p["_id"]: p["title"] + " " + p["text"] for p in corpus}
    unsupported = {}
    for q in questions:
        have = set(stems(" ".join(text[i] for i in q["relevant"])))
        for fact in q["facts"]:
            if q["type"] == "yesno" and normal(fact) in {"yes", "no"}:
                continue
            if missing := set(stems(fact)) - have:
                unsupported[q["id"], fact] = missing
    assert not unsupported


def test_references_state_the_facts(suite):
    questions, _ = suite
    short = {}
    for q in questions:
        have = set(stems(" ".join(q["references"])))
        for fact in q["facts"]:
            if missing := set(stems(fact)) - have:
                short[q["id"], fact] = missing
    assert not short


def test_answer_is_not_in_the_question(suite):
    questions, _ = suite
    leaks = []
    for q in questions:
        if q["type"] == "yesno":
            continue
        asked = f" {normal(q['question'])} "
        leaks += [(q["id"], r) for r in q["references"] + q["facts"] if f" {normal(r)} " in asked]
    assert not leaks


def test_yes_and_no_are_balanced(suite):
    questions, _ = suite
    yes_or_no = [q for q in questions if q["type"] == "yesno" and q["answerable"]]
    answers = Counter(normal(q["references"][0]).split()[0] for q in yes_or_no)
    assert set(answers) <= {"yes", "no"}
    if answers:
        assert min(answers["yes"], answers["no"]) >= 0.3 * sum(answers.values())
