"""suite.toml, ragft.toml, questions and corpus: what is read, and every mistake by name."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.errors import SuiteError
from pytest_ragft.evaluation.baseline import settings_fingerprint
from pytest_ragft.records import Cluster, Gate, Slice
from pytest_ragft.suite import load_rules, load_suite, load_suites, pooled_gates
from pytest_ragft.suite.opening import Access, open_retriever

HEAD = '[suite]\nname = "demo"\nquestions = "questions.jsonl"\ncorpus = "corpus.jsonl"\n'
GATE = HEAD + '[[gate]]\nmetric = "accuracy"\n'
QUESTION = {"id": "q1", "question": "Which city?", "references": ["Paris"], "relevant": ["p1"]}
PASSAGE = {"_id": "p1", "title": "France", "text": "Paris is the capital."}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


class Folder:
    """A suite's folder, of which a test changes one thing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("suite.toml", HEAD)
        self.write("questions.jsonl", lines(QUESTION))
        self.write("corpus.jsonl", lines(PASSAGE))

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def load(self):
        return load_suite(self.path / "suite.toml")

    def error(self) -> str:
        with pytest.raises(SuiteError) as caught:
            self.load()
        assert isinstance(caught.value, ValueError)
        assert str(self.path) in str(caught.value)
        return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_defaults(folder):
    suite = folder.load()
    assert suite.name == "demo"
    assert suite.examples[0].references == ("Paris",)
    assert suite.examples[0].answerable
    assert list(suite.passages) == ["p1"]
    assert suite.passages["p1"].title == "France"
    assert (suite.retrieval.backend, suite.retrieval.mode, suite.retrieval.k) == ("auto", "bm25", 5)
    assert suite.generation.max_new_tokens == 64
    assert suite.generation.dtype is suite.generation.device is suite.generation.stop is None
    assert suite.prompt.user == "Context:\n{context}\n\nQuestion: {question}"
    assert suite.prompt.system.startswith("Answer from the context only.")
    assert suite.gates == ()
    assert suite.question_floor is None
    assert suite.documents == "shared"


def test_everything_given(folder):
    folder.write(
        "suite.toml",
        HEAD
        + """question_floor = 0.2
        [retrieval]
        backend = "embedded"
        mode = "bm25"
        k = 3
        [generation]
        max_new_tokens = 48
        dtype = "bfloat16"
        device = "cuda:1"
        batch_tokens = 2048
        stop = ["\\n\\n"]
        thinking = "off"
        [prompt]
        system = ""
        user = "{question} -- {context}"
        [[gate]]
        metric = "accuracy"
        [[gate]]
        metric = "completeness"
        role = "primary"
        margin = 0.1
        alpha = 0.1
        looks = [300, 600]
        margin_scale = "people"
        [[gate]]
        metric = "accuracy"
        name = "geography"
        where = { tag = "geo", type = "factoid", answerable = true, hit = false }
        """,
    )
    row = QUESTION | {
        "facts": ["Paris"], "document": "d1", "answerable": True, "type": "factoid",
        "tags": ["geo"], "metadata": {"free": 1},
    }  # fmt: skip
    folder.write("questions.jsonl", lines(row))
    suite = folder.load()
    assert suite.question_floor == 0.2
    assert suite.retrieval.k == 3
    assert suite.generation.stop == ("\n\n",)
    assert suite.generation.thinking == "off"
    assert suite.generation.device == "cuda:1"
    assert suite.prompt.system == ""
    assert suite.gates == (
        Gate(metric="accuracy", role="guard"),
        Gate(
            metric="completeness", role="primary", margin=0.1, margin_is_default=False, alpha=0.1,
            looks=(300, 600), margin_scale="people",
        ),
        Gate(
            metric="accuracy", role="guard", name="geography",
            where=Slice(tag="geo", type="factoid", answerable=True, hit=False),
        ),
    )  # fmt: skip
    assert suite.examples[0].type == "factoid"
    assert suite.examples[0].tags == ("geo",)
    assert suite.cluster_of(suite.examples[0]) == Cluster(name="d1")


def test_byte_order_mark_crlf_blank_lines_and_line_separators(folder):
    bom = "\ufeff"
    folder.write("suite.toml", bom + HEAD.replace("\n", "\r\n"))
    row = QUESTION | {"question": "Which\u2028city?"}
    text = bom + "\r\n\r\n" + json.dumps(row, ensure_ascii=False) + "\r\n   \r\n"
    folder.write("questions.jsonl", text)
    folder.write("corpus.jsonl", bom + lines(PASSAGE) + "\n")
    suite = folder.load()
    assert suite.examples[0].question == "Which\u2028city?"


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ("[suite\n", ["not TOML", "line 1"]),
        (HEAD + "[retreival]\nk = 3\n", ["'retreival'", "did you mean 'retrieval'?"]),
        (HEAD + 'nmae = "x"\n', ["[suite]", "'nmae'", "did you mean 'name'?"]),
        (HEAD + "[generation]\nmax_tokens = 3\n", ["[generation]", "'max_tokens'"]),
        (HEAD.replace('name = "demo"\n', ""), ["[suite]", "'name' is missing"]),
        ("suite = 3\n", ["[suite]", "not a table"]),
        (HEAD.replace('"demo"', "7"), ["name = 7", "text"]),
        (HEAD.replace('"demo"', '"a b"'), ["name = 'a b'", "letters"]),
        (HEAD.replace('"demo"', '"d\\u00e9mo"'), ["name = 'démo'", "letters"]),
        (HEAD.replace("questions.jsonl", "nope.jsonl"), ["questions = 'nope.jsonl'", "no file"]),
        (HEAD.replace("corpus.jsonl", "."), ["corpus = '.'", "no file"]),
        (HEAD + "question_floor = 1.5\n", ["question_floor = 1.5", "at most 1"]),
        (HEAD + "question_floor = true\n", ["question_floor = True", "number"]),
        (HEAD + "[retrieval]\nk = 0\n", ["[retrieval]", "k = 0", "1 or more"]),
        (HEAD + "[retrieval]\nk = true\n", ["k = True", "whole number"]),
        (HEAD + '[retrieval]\nk = "3"\n', ["k = '3'", "whole number"]),
        (HEAD + "[retrieval]\nk = 3.0\n", ["k = 3.0", "whole number"]),
        (HEAD + '[retrieval]\nmode = "bm52"\n', ["mode = 'bm52'", "did you mean 'bm25'?"]),
        (HEAD + '[generation]\ndtype = "int4"\n', ["dtype = 'int4'", "bfloat16"]),
        (HEAD + '[generation]\ndevice = "gpu"\n', ["device = 'gpu'", "cuda:N"]),
        (HEAD + '[generation]\nstop = "x"\n', ["stop = 'x'", "list of texts"]),
        (HEAD + "[generation]\nthinking = false\n", ["thinking = False", "must be a text"]),
        (HEAD + '[generation]\nthinking = "no"\n', ["thinking = 'no'", "off, on"]),
        (HEAD + "[generation]\nsamples = 0\n", ["samples = 0", "1 or more"]),
        (HEAD + "[generation]\nsamples = 4\n", ["4 times the same answer", "temperature = 0.7"]),
        (HEAD + "[generation]\nsamples = 4\nseed = 1\n", ["4 times the same answer", "vary"]),
        (HEAD + "[generation]\ntemperature = 0\n", ["temperature = 0", "greater than 0"]),
        (HEAD + "[generation]\ntemperature = 2.5\n", ["temperature = 2.5", "at most 2"]),
        (HEAD + "[generation]\ntop_p = 0.9\n", ["top_p = 0.9 does nothing", "greedy"]),
        (HEAD + "[generation]\nseed = 3\n", ["seed = 3 does nothing"]),
        (HEAD + "[generation]\nseed = -1\ntemperature = 1\n", ["seed = -1", "0 or more"]),
        (HEAD + '[generation]\nvary = "seed"\n', ["vary = 'seed'", "order"]),
        (HEAD + '[generation]\nvary = "order"\n', ["vary = 'order' needs samples = 2"]),
        (
            HEAD + '[generation]\nvary = "order"\nsamples = 2\ntemperature = 0.7\n',
            ["two sources of spread", "keep one"],
        ),
        (HEAD + "[generation]\nstop = [1]\n", ["stop = [1]", "1 in it"]),
        (HEAD + '[prompt]\nuser = "{context}"\n', ["user = '{context}'", "{question}"]),
        (HEAD + '[prompt]\nuser = "{question}"\n', ["user = '{question}'", "{context}"]),
        (HEAD + '[gate]\nmetric = "accuracy"\n', ["[gate]", "[[gate]]"]),
        (
            HEAD + '[[gate]]\nmetric = "acuracy"\n',
            ["metric = 'acuracy'", "did you mean 'accuracy'"],
        ),
        *(
            (HEAD + f'[[gate]]\nmetric = "{metric}"\n', [f"metric = '{metric}'", "recall@k"])
            for metric in ("recall", "recall@0", "recall@05", "Recall@5", "mrr@", "map@5")
        ),
        (HEAD + 2 * '[[gate]]\nmetric = "recall@5"\n', ["'recall@5'", "twice"]),
        (HEAD + "[[gate]]\nmargin = 0.1\n", ["number 1", "'metric' is missing"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nrole = "veto"\n', ["role = 'veto'", "guard"]),
        (HEAD + 2 * '[[gate]]\nmetric = "accuracy"\n', ["'accuracy'", "twice"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nmargin = 0\n', ["margin = 0", "greater than 0"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nmargin = 1\n', ["margin = 1", "less than 1"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nmargin = nan\n', ["margin = nan", "number"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nmargin = "5%"\n', ["margin = '5%'", "number"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nalpha = 0.2\n', ["alpha = 0.2", "at most 0.1"]),
        (HEAD + '[[gate]]\nmetric = "accuracy"\nalpha = 0.0\n', ["alpha = 0.0", "greater than 0"]),
        (GATE + "looks = 3\n", ["looks = 3", "looks = [300, 600, 900]"]),
        (GATE + "looks = []\n", ["looks = []", "ascending"]),
        (GATE + "looks = [300, 200]\n", ["looks = [300, 200]", "ascending"]),
        (GATE + "looks = [300, 305]\n", ["looks = [300, 305]", "2 %"]),
        (GATE + "looks = [0, 300]\n", ["looks = [0, 300]", "at least 1"]),
        (GATE + "looks = [true]\n", ["looks = [True]", "looks = [300, 600, 900]"]),
        (GATE + 'margin_scale = "human"\n', ["margin_scale = 'human'", "judge, people"]),
        (GATE.replace("accuracy", "mrr") + 'margin_scale = "people"\n', ["'mrr'", "leave it out"]),
        (GATE + "where = { tag = 'safety' }\n", ["where", "needs a name"]),
        (GATE + "name = 's'\nwhere = {}\n", ["where = {}", "tag, type, answerable, hit"]),
        (GATE + "name = 's'\nwhere = { tags = 'a' }\n", ["'tags'", "did you mean 'tag'"]),
        (GATE + "name = 's'\nwhere = { type = 'fact' }\n", ["type = 'fact'", "factoid"]),
        (GATE + "name = 's'\nwhere = { hit = 1 }\n", ["hit = 1", "true or false"]),
        (GATE + "name = 'a::b'\nwhere = { hit = true }\n", ["name = 'a::b'", "letters"]),
        (
            GATE
            + "name = 's'\nwhere = { hit = true }\n"
            + GATE[len(HEAD) :]
            + "name = 't'\nwhere = { hit = true }\n",
            ["'accuracy'", "same `where`"],
        ),
        (
            GATE + GATE[len(HEAD) :] + "name = 'accuracy'\nwhere = { hit = true }\n",
            ["name = 'accuracy'", "'gate-accuracy'"],
        ),
        (HEAD + 'documents = "mine"\n', ["documents = 'mine'", "shared, own"]),
    ],
)
def test_mistakes_in_suite_toml(folder, toml, parts):
    folder.write("suite.toml", toml)
    message = folder.error()
    assert "suite.toml" in message
    for part in parts:
        assert part in message


BAD_IDS = ["a:b", "a[b", "a]b", "a/b", "a\\b", "a b", "a\tb", "a\u2028b", "a\x07", "gate-accuracy",
           "-k", "x" * 201, "a\u200bb"]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        *(({"id": bad}, ["id = ", "node id"]) for bad in BAD_IDS),
        ({"id": ""}, ["id = ''", "empty"]),
        ({"id": 7.5}, ["id = 7.5", "text"]),
        ({"id": True}, ["id = True", "text"]),
        ({"id": -7}, ["id = -7", "node id"]),
        ({"question": "  "}, ["question = '  '", "empty"]),
        ({"question": None}, ["'question' is missing"]),
        ({"references": []}, ["references = []", "at least one", '"answerable": false']),
        ({"references": None}, ["'references' is missing"]),
        ({"references": " "}, ["references = ' '", "at least one"]),
        ({"references": {"a": 1}}, ["references = {'a': 1}", "list of texts"]),
        ({"references": ["Paris", 3]}, ["3 in it"]),
        ({"references": [""]}, ["'' in it"]),
        ({"references": ["\ud800"]}, ["in it"]),
        ({"question": "\ud800?"}, ["question", "surrogate"]),
        ({"facts": {}}, ["facts = {}", "list"]),
        ({"facts": ["a", "a"]}, ["facts", "twice"]),
        ({"relevant": ["p9"]}, ["'q1'", "relevant = 'p9'", "corpus.jsonl"]),
        ({"relevant": ["p1", "p1"]}, ["relevant", "twice"]),
        ({"relevant": [1, "1"]}, ["relevant", "twice"]),
        ({"relevant": [1, 1.5]}, ["relevant", "1.5 in it"]),
        ({"relevant": [1, None]}, ["relevant", "None in it"]),
        ({"answerable": "yes"}, ["answerable = 'yes'", "true or false"]),
        ({"answerable": 1}, ["answerable = 1", "true or false"]),
        ({"answerable": False, "references": []}, ["relevant = ['p1']", "answerable is false"]),
        (
            {"answerable": False, "references": [], "relevant": [], "facts": ["x"]},
            ["facts = ['x']", "answerable is false"],
        ),
        ({"type": "factoidal"}, ["type = 'factoidal'", "did you mean 'factoid'?"]),
        ({"document": 3.5}, ["document = 3.5", "text"]),
        ({"document": ""}, ["document = ''", "empty"]),
        ({"tags": [None]}, ["tags", "None in it"]),
        ({"reference": ["x"]}, ["'reference'", "did you mean 'references'?"]),
    ],
)
def test_mistakes_in_questions(folder, change, parts):
    row = {key: value for key, value in (QUESTION | change).items() if value is not None}
    folder.write("questions.jsonl", lines(row))
    message = folder.error()
    assert "questions.jsonl" in message
    if "p9" not in message:
        assert "line 1" in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"_id": ""}, ["_id = ''"]),
        ({"_id": None}, ["'_id' is missing"]),
        ({"text": None}, ["'text' is missing"]),
        ({"text": 5}, ["text = 5", "must be a text"]),
        ({"title": 1}, ["title = 1", "text"]),
        ({"id": "p1"}, ["'id'", "did you mean '_id'?"]),
    ],
)
def test_mistakes_in_corpus(folder, change, parts):
    row = {key: value for key, value in (PASSAGE | change).items() if value is not None}
    folder.write("corpus.jsonl", lines(row))
    message = folder.error()
    for part in ["corpus.jsonl, line 1", *parts]:
        assert part in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["holds no question"]),
        ("\n\n", ["holds no question"]),
        ("{\n", ["line 1, column", "not JSON"]),
        ("[1]\n", ["line 1", "[1]", "not a table"]),
        ("3\n", ["line 1", "not a table"]),
        ('\n{"id": "a", "id": "b"}\n', ["line 2", "'id' stands twice"]),
        ("[" * 100_000 + "\n", ["line 1", "not usable JSON"]),
        (b"\xff\xfe{\x00", ["not UTF-8", "byte 0"]),
    ],
)
def test_files_that_are_no_jsonl(folder, text, parts):
    folder.write("questions.jsonl", text)
    message = folder.error()
    for part in ["questions.jsonl", *parts]:
        assert part in message


def test_repeated_ids_name_both_lines(folder):
    folder.write(
        "questions.jsonl", lines(QUESTION, QUESTION | {"id": "q2"}) + "\n" + lines(QUESTION)
    )
    message = folder.error()
    assert "questions.jsonl, line 4" in message
    assert "'q1' is already that of line 1" in message
    folder.write("questions.jsonl", lines(QUESTION))
    folder.write("corpus.jsonl", lines(PASSAGE, PASSAGE))
    assert "'p1' is already that of line 1" in folder.error()


def test_several_wrong_lines_come_in_one_message(folder):
    folder.write("questions.jsonl", "".join("{}\n" for _ in range(7)) + lines(QUESTION))
    message = folder.error()
    assert [f"line {n}:" in message for n in range(1, 8)] == [True] * 5 + [False] * 2
    assert "2 more" in message


def clusters(folder) -> dict[str, Cluster]:
    suite = folder.load()
    return {example.id: suite.cluster_of(example) for example in suite.examples}


def test_a_question_without_a_document_is_about_that_of_its_first_relevant_passage(folder):
    folder.write(
        "corpus.jsonl",
        lines(PASSAGE, {"_id": "p2", "text": "Elsewhere.", "document": "d2"}),
    )
    rows = [
        QUESTION | {"document": "d1", "relevant": ["p2"]},
        QUESTION | {"id": "q2", "relevant": ["p2", "p1"]},
        QUESTION | {"id": "q3", "relevant": ["p1"]},
        QUESTION | {"id": "q4", "relevant": []},
    ]
    folder.write("questions.jsonl", lines(*rows))
    assert clusters(folder) == {
        QUESTION["id"]: Cluster(name="d1"),
        "q2": Cluster(name="d2"),
        "q3": Cluster(name="p1", scope="suite"),
        "q4": Cluster(name="q4", scope="question"),
    }


def test_documents_of_a_suite_may_be_its_own(folder):
    folder.write("suite.toml", HEAD + 'documents = "own"\n')
    rows = [QUESTION | {"document": "d1"}, QUESTION | {"id": "q2", "relevant": []}]
    folder.write("questions.jsonl", lines(*rows))
    assert {cluster.scope for cluster in clusters(folder).values()} == {"suite", "question"}


def test_documents_survive_the_cutting_of_passages(folder):
    folder.write("suite.toml", HEAD + "[retrieval]\nchunk_words = 20\nchunk_overlap = 0\n")
    text = "The city of Paris is large and old. " * 20
    folder.write("corpus.jsonl", lines(PASSAGE | {"text": text, "document": "d9"}))
    folder.write("questions.jsonl", lines(QUESTION | {"relevant": ["p1"]}))
    assert clusters(folder) == {QUESTION["id"]: Cluster(name="d9")}


def test_unanswerable_needs_no_reference_but_may_have_one(folder):
    bare = {"id": "q1", "question": "Why?", "answerable": False}
    folder.write("questions.jsonl", lines(bare, bare | {"id": "q2", "references": ["Unknown."]}))
    assert [e.references for e in folder.load().examples] == [(), ("Unknown.",)]


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_suite_file_that_cannot_be_read(tmp_path, name):
    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite(tmp_path / name)


def test_fingerprint_follows_content_and_settings_only(folder):
    before = folder.load().fingerprint
    folder.write("suite.toml", HEAD.replace("demo", "other") + '[[gate]]\nmetric = "accuracy"\n')
    assert folder.load().fingerprint == before
    changed = set()
    for extra in (
        "[retrieval]\nk = 4\n",
        '[prompt]\nsystem = "x"\n',
        "[generation]\nstop = []\n",
        '[generation]\nthinking = "on"\n',
    ):
        folder.write("suite.toml", HEAD + extra)
        changed.add(folder.load().fingerprint)
    folder.write("suite.toml", HEAD)
    folder.write("corpus.jsonl", lines(PASSAGE | {"text": "Paris."}))
    changed.add(folder.load().fingerprint)
    folder.write("corpus.jsonl", lines(PASSAGE))
    folder.write("questions.jsonl", lines(QUESTION | {"facts": ["Paris"]}))
    changed.add(folder.load().fingerprint)
    assert len(changed | {before}) == 7


def test_suites_of_one_name_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Folder(tmp_path / name)
    paths = [tmp_path / name / "suite.toml" for name in ("a", "b")]
    with pytest.raises(SuiteError) as caught:
        load_suites(paths)
    for part in (str(paths[0]), str(paths[1]), "name = 'demo'"):
        assert part in str(caught.value)
    assert [s.path for s in load_suites(paths[:1])] == paths[:1]


def test_rules_default_to_primary_and_are_taken_at_their_word(tmp_path):
    file = tmp_path / "ragft.toml"
    file.write_text('[[gate]]\nmetric = "completeness"\nmargin = 0.1\n')
    rules = load_rules(file)
    given = Gate(metric="completeness", role="primary", margin=0.1, margin_is_default=False)
    assert rules.gates == pooled_gates(rules) == (given,)
    file.write_text("")
    assert load_rules(file).gates == ()
    for none in (None, load_rules(file)):
        assert {g.metric for g in pooled_gates(none)} == {"accuracy", "completeness"}


def test_how_a_variant_is_selected(tmp_path):
    file = tmp_path / "ragft.toml"
    file.write_text('select = "best"\n')
    assert load_rules(file).select == "best"
    file.write_text("")
    assert load_rules(file).select is None


@pytest.mark.parametrize(
    ("toml", "part"),
    [
        ("[suite]\n", "unknown key 'suite'"),
        ("[[gates]]\n", "did you mean 'gate'?"),
        ('[[gate]]\nmetric = "f1"\n', "metric = 'f1'"),
        ("gate = 3\n", "[[gate]]"),
        ("gate = [3]\n", "not a table"),
        (2 * '[[gate]]\nmetric = "accuracy"\n', "twice"),
        ('exclude = "archive"\n', "exclude = 'archive': must be a list of texts"),
        ('exclude = ["/archive"]\n', "'/archive' in it must name folders below"),
        ('exclude = ["../other"]\n', "'../other' in it must name folders below"),
        ("exclude = ['a\\b']\n", "with '/' between them"),
        ('select = "worst"\n', "select = 'worst': must be one of best"),
        ('[[gate]]\nmetric = "accuracy"\nexclude = ["a"]\n', "above the first [[gate]]"),
    ],
)
def test_mistakes_in_ragft_toml(tmp_path, toml, part):
    file = tmp_path / "ragft.toml"
    file.write_text(toml)
    with pytest.raises(SuiteError) as caught:
        load_rules(file)
    assert str(file) in str(caught.value)
    assert part in str(caught.value)


@pytest.mark.parametrize("metric", ["recall@5", "precision@1", "ndcg@10", "mrr", "mrr@20"])
def test_gates_on_retrieval(folder, tmp_path, metric):
    """Guards of a suite, primary in ragft.toml; none is added by default."""
    folder.write("suite.toml", HEAD + f'[[gate]]\nmetric = "{metric}"\nmargin = 0.02\n')
    gate = Gate(metric=metric, role="guard", margin=0.02, margin_is_default=False)
    assert folder.load().gates == (gate,)

    file = tmp_path / "ragft.toml"
    file.write_text(f'[[gate]]\nmetric = "{metric}"\n')
    assert load_rules(file).gates == (Gate(metric=metric, role="primary"),)
    assert [g.metric for g in pooled_gates(load_rules(file))] == [metric]


def test_data_as_people_have_it(folder):
    """Numbers for ids, null titles, empty texts, a text for a list of one, joined files."""
    corpus = [
        {"_id": 1, "title": None, "text": "Paris is the capital.", "document": 7},
        {"_id": "2", "title": "Empty", "text": ""},
        {"_id": 3, "text": None},
    ]
    questions = [
        {"id": 41, "question": "Which city?", "references": "Paris", "relevant": 1, "tags": "geo"},
        {
            "id": 42, "question": "Which?", "references": ["a", "b"], "relevant": [2, "3"],
            "document": 8,
        },
        {"id": 43, "question": "Who?", "references": "", "answerable": False, "relevant": []},
    ]  # fmt: skip
    folder.write("corpus.jsonl", lines(*corpus))
    folder.write("questions.jsonl", "\ufeff" + "\r\n\ufeff".join(map(json.dumps, questions)))
    suite = folder.load()
    assert [example.id for example in suite.examples] == ["41", "42", "43"]
    assert [example.references for example in suite.examples] == [("Paris",), ("a", "b"), ()]
    assert [example.relevant for example in suite.examples] == [("1",), ("2", "3"), ()]
    assert suite.examples[0].tags == ("geo",)
    assert suite.cluster_of(suite.examples[0]) == Cluster(name="7")
    assert suite.cluster_of(suite.examples[1]) == Cluster(name="8")
    assert [(p.title, p.text) for p in suite.passages.values()][1:] == [("Empty", ""), ("", "")]


def test_ids_that_are_one_are_repeated_however_they_are_written(folder):
    folder.write("corpus.jsonl", lines(PASSAGE | {"_id": 1}, PASSAGE | {"_id": "1"}))
    assert "passage id '1' is already that of line 1" in folder.error()


def test_a_corpus_without_any_text_is_refused(folder):
    folder.write("corpus.jsonl", lines({"_id": "p1", "text": ""}, {"_id": "p2", "text": None}))
    message = folder.error()
    assert "corpus.jsonl: no passage has a text or a title" in message
    assert "'text'" in message


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_empty_passages_are_no_hits_and_nothing_fails(folder, mode):
    folder.write("suite.toml", HEAD + f'[retrieval]\nmode = "{mode}"\nencoder = "tfidf"\n')
    folder.write("corpus.jsonl", lines({"_id": "p0", "text": ""}, PASSAGE, {"_id": 2, "text": " "}))
    suite = folder.load()
    retriever = open_retriever(suite, Access())
    (hits,) = retriever.retrieve([PASSAGE["text"]], 5)
    retriever.close()
    assert [hit.passage_id for hit in hits] == ["p1"]


def test_an_empty_passage_stays_whole_when_passages_are_cut(folder):
    folder.write("suite.toml", HEAD + "[retrieval]\nchunk_words = 2\n")
    folder.write("corpus.jsonl", lines({"_id": "p0", "text": ""}, PASSAGE))
    assert "p0" in folder.load().passages


@given(st.lists(st.integers(-9, 99) | st.text("0123456789-", min_size=1, max_size=2), max_size=4))
def test_numbers_and_their_digits_are_the_same_identifiers(values):
    fields = Fields({"relevant": values}, where="here", known=("relevant",))
    digits = [str(value) for value in values]
    if len(set(digits)) < len(digits):
        with pytest.raises(SuiteError, match="twice"):
            fields.identifiers("relevant")
    else:
        assert fields.identifiers("relevant") == tuple(digits)


def test_the_prompt_without_passages_has_defaults_and_leaves_what_is_gated_alone(
    folder: Folder,
) -> None:
    plain = folder.load()
    assert (plain.prompt_without.system, plain.prompt_without.user) == ("", "{question}")

    folder.write("suite.toml", HEAD + '[prompt.none]\nuser = "Briefly: {question}"\n')
    worded = folder.load()
    assert worded.prompt_without.user == "Briefly: {question}"
    assert worded.prompt_without.system == ""
    assert worded.prompt == plain.prompt
    # Another identity of the suite, and the same of what a saved baseline was asked.
    assert worded.fingerprint != plain.fingerprint
    assert settings_fingerprint(worded) == settings_fingerprint(plain)

    folder.write("suite.toml", HEAD + '[prompt]\nnone = "nothing"\n')
    assert "[prompt.none]" in folder.error()
    folder.write("suite.toml", HEAD + '[prompt]\nuser = "{context}{question}"\n[prompt.none]\n')
    assert folder.load().prompt_without == plain.prompt_without
