"""Checks: rules that an answer holds or not."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.datasets.checks import CHECK_NAMES, LANGUAGES
from pytest_ragft.datasets.jsonl import read_questions
from pytest_ragft.errors import MissingDependencyError, RetrievalError, SuiteError
from pytest_ragft.evaluation.keys import judged_fingerprint
from pytest_ragft.judging.checks import check_score, failed_checks, require_checkers
from pytest_ragft.judging.checks.languages import language_of
from pytest_ragft.judging.checks.rules import RULES
from pytest_ragft.records import Check, QAExample
from pytest_ragft.retrieval.none import NoRetriever
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import applies


def checks(**values: object) -> tuple[Check, ...]:
    return tuple(
        Check(name=name, value=tuple(value) if isinstance(value, list) else value)  # type: ignore[arg-type]
        for name, value in values.items()
    )


def holds(answer: str, **values: object) -> bool:
    return not failed_checks(checks(**values), answer)


HOLD = [
    ("Paris.", {"words": 1}),
    ("**Paris**", {"words": 1}),
    ("state-of-the-art - indeed", {"words": 2}),
    ("北京", {"words": 1}),
    ("one two three", {"min_words": 3, "max_words": 3}),
    ("It rains.", {"sentences": 1}),
    ("Dr. Smith came at 3.5 km. He left!", {"sentences": 2}),
    ("Really?! Yes", {"sentences": 2}),
    ("他来了。他走了。", {"sentences": 2}),
    ("a\n\nb", {"lines": 2}),
    ("- red\n- green\n- blue", {"items": 3}),
    ("Here they are:\n1. red\n2. green, dark\n3. blue", {"items": 3}),
    ("red\ngreen\nblue", {"items": 3}),
    ("red, green and blue", {"items": 3}),
    ("red, green, and blue.", {"items": 3}),
    ("Colours: rot, grün und blau", {"items": 3}),
    ('{"a": 1}', {"json": True}),
    ("[1, 2]", {"json": True}),
    ('```json\n{"name": "x", "age": 3}\n```', {"json": ["age", "name"]}),
    ("The answer is 1,200.", {"number": 1200}),
    ("7 + 5 = 12", {"number": 12}),
    ("It is −4.50 euros", {"number": -4.5}),
    ("12 * 8 = 96\n\nSo 12 * 8 = 96 is the result of 12 * 8.", {"number": 96}),
    ("42 is 6 times 7.", {"number": 42}),
    ("4 - 9 = -5", {"number": -5}),
    ("1000 - 1 = 999, a number of the 1000-number system", {"number": 999}),
    ("At 13 on a 24-hour clock.", {"number": 13}),
    ("3,5 and 7", {"number": 7}),
    ('```json\r\n{"a": 1}\r\n```', {"json": ["a"]}),
    ("Der Turm ist hoch.\n\nEr steht am Rande der Stadt.", {"language": "de"}),
    ("Der Turm ist sehr hoch.\n\n(High tower)", {"language": "de"}),
    ("Please accept my sincere thanks.", {"register": "formal"}),
    ("As a chatbot, I don't have the ability to bring coffee.", {"declines": True}),
    ("Whoever does not have the means to pay asks for help.", {"declines": False}),
    ("John's letter and the firm's address are enclosed.", {"register": "formal"}),
    ("Thanks so much!", {"register": "informal"}),
    ("Sorry, thanks for asking!", {"register": "informal"}),
    ("The shop's not open.", {"register": "informal"}),
    ("A Cat's life", {"contains": ["cat's"]}),
    ("the cat’s life", {"contains": ["CAT'S", "life"]}),
    ("東京タワー", {"contains": ["東京"]}),
    ("catalogue", {"excludes": ["cat"]}),
    ('"Dear Sir', {"starts": "dear"}),
    ("That is all.", {"ends": "all."}),
    ("AB-12", {"matches": r"^[A-Z]{2}-\d{2}$"}),
    ("all small 1", {"case": "lower"}),
    ("LOUD!", {"case": "upper"}),
    ("Das Museum ist am Montag geschlossen.", {"language": "de"}),
    ("Le musée est fermé le lundi.", {"language": "fr"}),
    ("今日は天気がとても良いですね。", {"language": "ja"}),
    ("We regret that the shop is closed.", {"register": "formal"}),
    ("Hey, the shop's shut, let's go!", {"register": "informal"}),
    ("Bitte füllen Sie das Formular aus.", {"register": "formal", "language": "de"}),
    ("Kannst du mir bitte helfen?", {"register": "informal", "language": "de"}),
    ("Pourriez-vous nous envoyer votre adresse ?", {"register": "formal", "language": "fr"}),
    ("Tu peux venir avec ton frère ?", {"register": "informal", "language": "fr"}),
    ("I can't help with that.", {"declines": True}),
    ("Stir the soup for ten minutes.", {"declines": False}),
]

FAIL = [
    ("Paris, France", {"words": 1}),
    ("- !", {"words": 1}),
    ("one two", {"min_words": 3}),
    ("one two three four", {"max_words": 3}),
    ("...", {"max_words": 3}),
    ("One. Two.", {"sentences": 1}),
    ("a\nb", {"lines": 1}),
    ("red, green", {"items": 3}),
    ("red", {"items": 3}),
    ("- red\n- green\n- blue\n- grey", {"items": 3}),
    ('Sure! {"a": 1}', {"json": True}),
    ("42", {"json": True}),
    ("It is 7 + 5.", {"number": 5}),
    ("It is a 5-digit number.", {"number": 5}),
    ("It is a 1.5-litre bottle.", {"number": 1}),
    ("Es sind 3,5 Meter.", {"number": 3}),
    ("1,2,3", {"number": 1}),
    (
        "Der alte Turm ist vierzig Meter hoch und steht am Rande der Stadt.\n\n"
        "This sentence says that the tower is high.",
        {"language": "de"},
    ),
    ("Segelschiffen", {"language": "de"}),
    ("Please accept my sincere thanks.", {"register": "informal"}),
    ("The parcel's not here.", {"register": "formal"}),
    ("Thanks for the letter.", {"register": "formal"}),
    ("NaN", {"json": True}),
    ('{"a": NaN}', {"json": True}),
    ('{"a": 1, "a": 2}', {"json": True}),
    ("{'a': 1}", {"json": True}),
    ('```json\n{"a": 1}\n```\nThere.', {"json": True}),
    ('{"name": "x"}', {"json": ["age", "name"]}),
    ('[{"name": "x"}]', {"json": ["name"]}),
    ("[" * 50_000, {"json": True}),
    ("9" * 50_000 + "}", {"json": True}),
    ("It is twelve.", {"number": 12}),
    ("12, or perhaps 13", {"number": 12}),
    ("9" * 90_000, {"number": 12}),
    ("concatenate", {"contains": ["cat"]}),
    ("the cat sat", {"excludes": ["Cat"]}),
    ("Well, dear", {"starts": "dear"}),
    ("all of it", {"ends": "all"}),
    ("ab-12", {"matches": r"^[A-Z]{2}-\d{2}$"}),
    ("Mixed", {"case": "lower"}),
    ("123", {"case": "upper"}),
    ("The museum is closed on Monday.", {"language": "de"}),
    ("Ja.", {"language": "de"}),
    ("```\nDas Museum ist am Montag geschlossen.\n```", {"language": "de"}),
    ("It's closed, sorry guys!", {"register": "formal"}),
    ("We regret that the shop is closed.", {"register": "informal"}),
    ("Kannst du mir helfen?", {"register": "formal", "language": "de"}),
    ("Tu peux venir avec ton frère ?", {"register": "formal", "language": "fr"}),
    ("Stir the soup for ten minutes.", {"declines": True}),
    ("I can't help with that.", {"declines": False}),
]


@pytest.mark.parametrize(("answer", "asked"), HOLD)
def test_what_holds(answer: str, asked: dict[str, object]) -> None:
    assert failed_checks(checks(**asked), answer) == []


@pytest.mark.parametrize(("answer", "asked"), FAIL)
def test_what_fails(answer: str, asked: dict[str, object]) -> None:
    assert len(failed_checks(checks(**asked), answer)) == 1


def test_each_check_that_can_be_read_has_a_rule_that_is_tested() -> None:
    assert set(RULES) == set(CHECK_NAMES)
    for table in (HOLD, FAIL):
        assert {name for _, asked in table for name in asked} >= set(CHECK_NAMES)


EVERY = {
    "words": 3, "min_words": 2, "max_words": 4, "sentences": 1, "lines": 1, "items": 3,
    "json": True, "number": 4.0, "contains": ["a"], "excludes": ["b"], "starts": "a", "ends": "a",
    "matches": "^a", "case": "upper", "language": "de", "register": "formal", "declines": True,
}  # fmt: skip


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_scored(answer: str) -> None:
    example = QAExample(id="q", question="?", references=(), checks=checks(**EVERY))

    score = check_score(example, answer)

    assert score.value == 0.0, "no answer is of three words and JSON"
    assert score.reason


@given(st.lists(st.sampled_from(["red", "blue", "green", "x1"]), min_size=1, max_size=12))
def test_words_and_items_are_counted(words: list[str]) -> None:
    n = len(words)
    assert holds(" ".join(words), words=n, min_words=n, max_words=n)
    assert not holds(" ".join(words), words=n + 1)
    for joined in (", ".join(words), "\n".join(words), "\n".join(f"- {word}" for word in words)):
        assert holds(joined, items=n)
        assert not holds(joined, items=n + 1)


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=6,
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_json_is_read_fenced_or_not(value: dict[str, object], fenced: bool) -> None:
    text = json.dumps(value, indent=1)
    assert holds(f"```json\n{text}\n```" if fenced else text, json=list(value))
    assert not holds(text[:-1], json=True)


@given(st.integers(-(10**12), 10**12), st.booleans())
def test_numbers_are_read_back(number: int, grouped: bool) -> None:
    text = f"{number:,}" if grouped else str(number)
    assert holds(f"After 3 steps it is {text}.", number=float(number))
    assert not holds(f"After 3 steps it is {text}.", number=float(number + 1))


ROWS = ["a", " ", ".", "!", "_", "\n", "`", "1", ",", "- ", "x ", "'", "ﷺ"]


@pytest.mark.parametrize("letter", ROWS)
@pytest.mark.parametrize("size", [99_990, 1_000_000])
def test_long_rows_of_anything_take_no_time(letter: str, size: int) -> None:
    answer = ("a" + letter * size)[: size - 1] + "b"

    before = time.process_time()
    assert failed_checks(checks(**EVERY), answer)
    assert time.process_time() - before < 5, "linear takes a tenth of a second"


def test_what_only_thought_holds_nothing() -> None:
    example = QAExample(id="q", question="?", references=(), checks=checks(excludes=["x"]))

    assert check_score(example, "").value == 0.0
    assert check_score(example, " \n").reason == "empty answer"
    only = check_score(example, "", unanswered="only reasoning, which never ended")
    assert (only.value, only.reason) == (0.0, "only reasoning, which never ended")


def test_all_or_nothing_with_all_reasons() -> None:
    example = QAExample(
        id="q", question="?", references=(), checks=checks(max_words=2, contains=["x", "y"])
    )

    held = check_score(example, "x y")
    assert held.reason == "holds max_words = 2, contains = x, y"
    score = check_score(example, "x z z")
    assert (score.value, score.reason) == (
        0.0,
        "max_words = 2: has 3 words; contains = x, y: lacks 'y'",
    )


PLAIN = {
    "de": ["Der Zug fährt um neun Uhr ab.", "Ich weiß es leider nicht.", "Rot, Gelb und Blau"],
    "en": ["The train leaves at nine.", "He lives in Hamburg.", "Three eggs and some flour."],
    "es": ["El tren sale a las nueve.", "Lamentablemente no lo sé.", "Rojo, amarillo y azul"],
    "fr": ["Le train part à neuf heures.", "Il habite à Lyon.", "Rouge, jaune et bleu"],
    "it": ["Il treno parte alle nove.", "Abita a Torino.", "Rosso, giallo e blu"],
    "nl": ["De trein vertrekt om negen uur.", "Hij woont in Utrecht.", "Rood, geel en blauw"],
}


@pytest.mark.parametrize("language", PLAIN)
def test_short_plain_sentences_are_told_apart(language: str) -> None:
    assert [language_of(text) for text in PLAIN[language]] == [language] * 3
    assert language in LANGUAGES


def test_the_suites_english_references_read_as_english() -> None:
    suites = Path(__file__).parents[2] / "suites"
    every = {
        text
        for name in ("biomedical", "encyclopedia", "papers")
        for example in read_questions(suites / name / "questions.jsonl")
        for text in example.references
        if len(text.split()) >= 6
    }
    wrong = [text for text in every if language_of(text) != "en"]
    assert len(wrong) <= 0.01 * len(every), wrong


def test_reading_checks_loads_no_model_of_languages() -> None:
    code = (
        "import sys, pytest_ragft.judging.checks, pytest_ragft.datasets.jsonl\n"
        "sys.exit('py3langid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- reading ---


def line(**values: object) -> str:
    return json.dumps({"id": "q1", "question": "Say it.", **values})


def test_a_question_with_checks_needs_no_reference(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(line(checks={"words": 1, "json": ["a"], "contains": "x", "number": 3}))

    (example,) = read_questions(file)

    assert example.references == ()
    assert [(check.name, check.value) for check in example.checks] == [
        ("words", 1),
        ("json", ("a",)),
        ("contains", ("x",)),
        ("number", 3.0),
    ]


MISTAKES = [
    ({"word": 1}, "unknown key 'word'; did you mean 'words'?"),
    ({}, "must hold a rule"),
    ([1], "is not a table"),
    ({"words": 0}, "must be a whole number of 1 or more"),
    ({"words": True}, "must be a whole number of 1 or more"),
    ({"items": "three"}, "must be a whole number"),
    ({"json": False}, "must be true, or the list of keys"),
    ({"json": []}, "must be true, or the list of keys"),
    ({"json": ["a", 3]}, "3 in it is not a text"),
    ({"number": "3"}, "must be a number"),
    ({"number": float("nan")}, "must be a number"),
    ({"contains": []}, "must be a text or a list of texts"),
    ({"contains": ["a", "a"]}, "names the same thing twice"),
    ({"matches": "("}, "is no regular expression"),
    ({"language": "german"}, "must be one of ar, cs"),
    ({"register": "formel"}, "did you mean 'formal'?"),
    ({"register": "formal", "language": "pl"}, "is known for language = de, en, fr only"),
    ({"min_words": 5, "max_words": 3}, "is less than min_words = 5"),
    ({"case": "title"}, "must be one of lower, upper"),
    ({"declines": "yes"}, "must be true or false"),
]


@pytest.mark.parametrize(("given_checks", "message"), MISTAKES)
def test_every_mistake_is_named(tmp_path: Path, given_checks: object, message: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(line(checks=given_checks))

    with pytest.raises(SuiteError) as caught:
        read_questions(file)

    assert message in str(caught.value)
    assert f"{file}, line 1" in str(caught.value)
    assert "checks" in str(caught.value)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"answerable": False}, "stands beside checks"),
        ({"facts": ["x"]}, "stand beside checks"),
    ],
)
def test_what_checks_make_useless_is_refused(
    tmp_path: Path, others: dict[str, object], message: str
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(line(checks={"words": 1}, **others))
    with pytest.raises(SuiteError, match=message):
        read_questions(file)


# --- identity, and what else hangs on it ---


def test_checks_belong_to_a_question_and_leave_the_others_as_they_were() -> None:
    plain = QAExample(id="q", question="?", references=("x",))
    one, two = (replace(plain, checks=checks(words=n)) for n in (1, 2))

    assert len({judged_fingerprint(of) for of in (plain, one, two)}) == 3
    assert judged_fingerprint(plain) == fingerprint("judged", "?", None, ("x",), (), True)


def test_a_metric_applies_by_checks_alone() -> None:
    plain = QAExample(id="q", question="?", references=("x",))
    checked = replace(plain, checks=checks(words=1))
    unanswerable = replace(plain, references=(), answerable=False)

    found = {
        metric: [applies(metric, of) for of in (plain, checked, unanswerable)]
        for metric in ("accuracy", "completeness", "checks")
    }

    assert found == {
        "accuracy": [True, False, True],
        "completeness": [True, False, False],
        "checks": [False, True, False],
    }


def test_without_the_package_of_languages_the_install_command_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    plain = QAExample(id="q", question="?", references=())

    require_checkers([replace(plain, checks=checks(words=1))])
    with pytest.raises(MissingDependencyError, match=r"pip install 'pytest-ragft\[languages\]'"):
        require_checkers([replace(plain, checks=checks(language="de"))])


def test_nothing_is_retrieved() -> None:
    retriever = NoRetriever()
    retriever.check()

    assert retriever.retrieve(["a", "b"], 5) == [(), ()]
    assert retriever.passages([]) == {}
    with pytest.raises(RetrievalError):
        retriever.passages(["p1"])
    retriever.close()
