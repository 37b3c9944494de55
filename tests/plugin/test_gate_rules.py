"""What ragft.toml and suite.toml say about gates is what happens; what they leave out is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.commands.running import ragft
from tests.example import Example, Result

GATE = '[[gate]]\nmetric = "accuracy"\n'


def report(example: Example, *arguments: str) -> tuple[Result, dict[str, Any]]:
    result = example.gate("-k", "gate", "--ragft-json=r.json", *arguments)
    return result, json.loads((example.folder / "r.json").read_text())


def words(result: Result) -> str:
    return " ".join(result.out.split())


@pytest.fixture
def ready(example: Example) -> Example:
    return example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")


def test_a_file_that_names_accuracy_gates_accuracy_alone_and_says_so(ready: Example) -> None:
    ready.write("suites/ragft.toml", GATE)
    ready.recorded("variant.jsonl", wrong=0.01)

    result, content = report(ready)

    assert [gate["gate"]["metric"] for gate in content["gates"]] == ["accuracy"]
    told = "suites/ragft.toml gates accuracy alone: completeness is not gated over all suites"
    assert words(result).count(told) == 2  # header and report
    assert any(told in remark for remark in content["remarks"])


class TestSlices:
    """Of 719 questions 19 are about safety: the pool does not see them, their slice does."""

    @pytest.fixture
    def collapsed(self, example: Example) -> Example:
        example.suite("faq", documents=175).suite("safety", documents=19, per_document=1)
        file = "suites/safety/questions.jsonl"
        example.write_lines(file, [q | {"tags": ["safety"]} for q in example.read_lines(file)])
        example.recorded("baseline.jsonl", suites=["faq", "safety"])
        good = example.recorded("good.jsonl", suites=["faq"]).read_lines("good.jsonl")
        bad = example.recorded("bad.jsonl", suites=["safety"], wrong=1.0).read_lines("bad.jsonl")
        example.write_lines("variant.jsonl", good + bad)
        return example

    def test_without_a_guard_the_report_shows_them(self, collapsed: Example) -> None:
        result, _ = report(collapsed)

        assert result.code == 0
        assert "suite safety 19 1.000 0.000 −1.000" in words(result)
        assert "tag safety 19 1.000 0.000 −1.000" in words(result)

    @pytest.mark.parametrize("where", ["rules", "suite"])
    def test_a_guard_vetoes(self, collapsed: Example, where: str) -> None:
        if where == "rules":
            part = 'where = { tag = "safety" }\nname = "safety"\nrole = "guard"\n'
            collapsed.write("suites/ragft.toml", f"{GATE}{GATE}{part}")
        else:
            file = collapsed.folder / "suites/safety/suite.toml"
            file.write_text(file.read_text() + GATE)

        result, _ = report(collapsed)

        assert result.code == 1
        name = "safety/accuracy" if where == "rules" else "safety accuracy"
        assert f"variant: BLOCK – {name} regressed" in result.out
        if where == "rules":
            assert result.outcome("gate-safety") == "failed"
            assert result.properties("gate-safety")["ragft.n"] == "19"

    def test_a_slice_that_no_question_is_in_is_an_error(self, collapsed: Example) -> None:
        part = 'where = { tag = "safty" }\nname = "safety"\n'
        collapsed.write("suites/ragft.toml", f"{GATE}{part}")

        result = collapsed.gate()

        assert result.code == 4
        assert "no question of faq, safety is in its slice; did you mean 'safety'?" in result.err


class TestAbstention:
    """Of 800 questions a few have no answer: the pool does not see them, the default guard does."""

    @pytest.fixture
    def forgetting(self, example: Example) -> Callable[[int], Example]:
        """A variant that answers each of so many unanswerable questions; the baseline declines."""

        def made(unanswerable: int) -> Example:
            example.suite(documents=200)
            file = "suites/demo/questions.jsonl"
            questions = example.read_lines(file)
            none = {"references": [], "facts": [], "relevant": [], "answerable": False}
            step = len(questions) // unanswerable
            chosen = {q["id"] for q in questions[::step][:unanswerable]}
            example.write_lines(file, [q | none if q["id"] in chosen else q for q in questions])
            for name, said in (("baseline", "I do not know."), ("variant", "It is Zanzibar.")):
                lines = example.recorded(f"{name}.jsonl").read_lines(f"{name}.jsonl")
                told = [x | {"answer": said} if x["id"] in chosen else x for x in lines]
                example.write_lines(f"{name}.jsonl", told)
            return example

        return made

    @pytest.mark.parametrize("unanswerable", [8, 25])
    def test_a_variant_that_no_longer_declines_is_vetoed(
        self, forgetting: Callable[[int], Example], unanswerable: int
    ) -> None:
        result, content = report(forgetting(unanswerable))

        assert result.code == 1
        assert "variant: BLOCK – abstention/accuracy regressed" in result.out
        assert result.outcome("gate-abstention") == "failed"
        assert result.properties("gate-abstention")["ragft.n"] == str(unanswerable)
        gates = {gate["gate"]["name"] or gate["gate"]["metric"]: gate for gate in content["gates"]}
        assert gates["accuracy"]["verdict"]["outcome"] == "PASS"
        assert gates["abstention"]["gate"]["role"] == "guard"
        assert gates["abstention"]["verdict"]["outcome"] == "REGRESSION"

    def test_the_report_shows_how_often_both_arms_decline(
        self, forgetting: Callable[[int], Example]
    ) -> None:
        result, content = report(forgetting(25))

        told = (
            "variant: declines to answer 0 % of 775 answerable questions (baseline 0 %) and 0 % of "
            "25 unanswerable questions (baseline 100 %)"
        )
        assert told in words(result)
        assert content["refusals"] == [
            {
                "variant": "variant",
                "answerable": 775,
                "baseline_refused": 0,
                "variant_refused": 0,
                "unanswerable": 25,
                "baseline_abstained": 25,
                "variant_abstained": 0,
            }
        ]

    def test_fewer_than_a_veto_takes_make_no_guard(
        self, forgetting: Callable[[int], Example]
    ) -> None:
        result, content = report(forgetting(7))

        assert [gate["gate"]["metric"] for gate in content["gates"]] == ["accuracy", "completeness"]
        assert "abstention" not in result.out

    def test_it_is_pooled_over_suites(self, example: Example) -> None:
        for name in ("first", "second"):
            example.suite(name, documents=60)
            file = f"suites/{name}/questions.jsonl"
            none = {"references": [], "facts": [], "relevant": [], "answerable": False}
            lines = example.read_lines(file)
            example.write_lines(file, [q | none for q in lines[:20:5]] + lines[20:])
        for file in ("baseline.jsonl", "variant.jsonl"):
            example.recorded(file, suites=["first", "second"])

        result, content = report(example)

        (guard,) = (gate for gate in content["gates"] if gate["gate"]["name"] == "abstention")
        assert guard["suites"] == ["first", "second"]
        assert guard["verdict"]["n"] == 8
        assert result.code == 0  # neither arm declines: nothing changed

    def test_a_file_that_names_gates_is_taken_at_its_word_and_says_so(
        self, forgetting: Callable[[int], Example]
    ) -> None:
        example = forgetting(25)
        example.write("suites/ragft.toml", f"{GATE}{GATE.replace('accuracy', 'completeness')}")

        result, content = report(example)

        assert result.code == 0
        assert len(content["gates"]) == 2
        told = "suites/ragft.toml names no gate on its 25 unanswerable questions"
        assert words(result).count(told) == 2  # header and report

    def test_its_remedy_guards_them(self, forgetting: Callable[[int], Example]) -> None:
        example = forgetting(25)
        guard = 'role = "guard"\nwhere = { answerable = false }\nname = "abstention"\n'
        example.write("suites/ragft.toml", f"{GATE}{GATE}{guard}")

        result, _ = report(example)

        assert result.code == 1
        assert "abstention/accuracy regressed" in result.out
        assert "names no gate on its" not in words(result)


def test_a_guard_that_is_too_small_for_a_veto_says_so(example: Example) -> None:
    example.suite("faq", documents=80).suite("safety", documents=4, per_document=10, toml=GATE)
    for file in ("baseline.jsonl", "variant.jsonl"):
        example.recorded(file, suites=["faq", "safety"])

    result, _ = report(example)

    assert result.code == 0
    assert (
        "WARNING: safety accuracy cannot veto: 40 questions in effectively 4.0 documents, and a "
        "veto needs 8 questions and 5 documents"
    ) in words(result)
    assert "INCONCLUSIVE floor, cannot veto" in result.out
    assert "no guard vetoed (1 inconclusive, 1 cannot veto)" in result.out


class TestLooks:
    def test_a_size_that_was_not_announced_is_refused_before_any_work(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f"{GATE}looks = [120, 300, 600]\n")

        result = ready.gate()

        assert result.code == 4
        assert "there are 240 questions; the next look is at 300" in result.err
        assert not (ready.folder / ".ragft").exists()

    def test_the_old_form_is_refused_with_the_new_one(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f"{GATE}looks = 3\n")

        result = ready.gate()

        assert result.code == 4
        assert "looks = 3: must be the sizes" in result.err
        assert "looks = [300, 600, 900]" in result.err

    def test_an_announced_size_passes_at_its_level(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f"{GATE}looks = [120, 240]\n")

        result, content = report(ready)

        assert result.code == 0, result.out
        (gate,) = content["gates"]
        assert gate["look"] == 2
        assert gate["verdict"]["alpha"] == pytest.approx(0.048246, abs=1e-6)
        assert "accuracy: look 2 of 2 announced looks (120, 240)" in words(result)

    def test_past_the_last_nothing_passes(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f"{GATE}looks = [60, 120]\n")

        result, content = report(ready)

        assert result.code == 1
        assert content["gates"][0]["verdict"]["reason"] == "looks"

    def test_without_looks_one_is_assumed(self, ready: Example) -> None:
        assert "one look at the data is assumed for accuracy" in words(report(ready)[0])


def test_documents_of_two_suites_are_one_unless_they_are_their_own(example: Example) -> None:
    for name in ("first", "second"):
        example.suite(name, documents=30)
        for file in (f"suites/{name}/questions.jsonl", f"suites/{name}/corpus.jsonl"):
            lines = example.read_lines(file)
            example.write_lines(file, [x | {"document": x["document"].split()[1]} for x in lines])
    for file in ("baseline.jsonl", "variant.jsonl"):
        example.recorded(file, suites=["first", "second"])

    shared, content = report(example)
    assert shared.code == 1
    assert content["gates"][0]["verdict"]["clusters"] == 30
    assert "accuracy, completeness: 30 documents of several suites count once" in words(shared)

    toml = example.folder / "suites/second/suite.toml"
    toml.write_text(toml.read_text().replace("[suite]", '[suite]\ndocuments = "own"'))
    own, content = report(example)
    assert own.code == 0
    assert content["gates"][0]["verdict"]["clusters"] == 60
    assert "of several suites" not in words(own)


class TestSeveralVariants:
    def gated(self, example: Example, *names: str) -> tuple[Result, dict[str, Any]]:
        for name in names:
            # Apart, so that they are several.
            example.recorded(f"{name}.jsonl")
            lines = example.read_lines(f"{name}.jsonl")
            example.write_lines(
                f"{name}.jsonl", [x | {"answer": f"{x['answer']} ({name})"} for x in lines]
            )
        models = [f"--ragft-model={name}.jsonl" for name in names]
        result = example.run_pytest(
            "suites",
            "--ragft-baseline=baseline.jsonl",
            "-k",
            "gate",
            "--ragft-json=r.json",
            *models,
        )
        return result, json.loads((example.folder / "r.json").read_text())

    def test_what_the_best_of_them_is_worth_is_said(self, ready: Example) -> None:
        result, content = self.gated(ready, "one", "two", "three")

        assert (
            "3 variants were tried against this baseline: one that is at the margin passes with "
            "probability about 0.14" in words(result)
        )
        assert {gate["verdict"]["alpha"] for gate in content["gates"]} == {0.05}

    def test_the_store_remembers_earlier_ones(self, ready: Example) -> None:
        first, _ = self.gated(ready, "one")
        assert "were tried" not in first.out

        second, _ = self.gated(ready, "two")
        assert "2 variants were tried against this baseline (1 in this run, the others before)" in (
            words(second)
        )
        again, _ = self.gated(ready, "one")
        assert "2 variants were tried" in words(again)

    def test_select_best_judges_each_at_its_share(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f'select = "best"\n{GATE}')

        result, content = self.gated(ready, "one", "two")

        assert {gate["verdict"]["alpha"] for gate in content["gates"]} == {0.025}
        assert "the best is to be chosen, so that each is judged at alpha / 2" in words(result)


def test_a_variant_that_is_the_baseline_is_a_line(ready: Example) -> None:
    same, _ = report(ready)
    assert same.code == 0
    assert "variant: is the baseline, by its fingerprint; that it passes says nothing" in words(
        same
    )

    lines = ready.read_lines("variant.jsonl")
    ready.write_lines("variant.jsonl", [*lines, {"suite": "demo", "id": "q9-9", "answer": "x"}])
    ready.write_lines("variant.jsonl", reversed(lines))
    equal, _ = report(ready)
    assert "variant: all of its 240 answers are the baseline's, word for word" in words(
        equal
    ) or "is the baseline, by its fingerprint" in words(equal)


class TestPeoplesMargin:
    def test_it_needs_a_calibration(self, ready: Example) -> None:
        ready.write("suites/ragft.toml", f'{GATE}margin_scale = "people"\n')

        result = ready.gate()

        assert result.code == 4
        assert "no calibration in force says how the score of 'reference'" in result.err
        assert "`ragft calibrate`" in result.err

    def calibrated(self, example: Example, people: Callable[[int], float]) -> None:
        cities = ("Paris", "London", "Rome", "Oslo")
        rows = [
            {
                "id": f"q{i}",
                "question": f"Which city is number {i}?",
                "references": [cities[i % 4]],
                "answer": cities[(i + i % 2) % 4],
                "label": people(i),
            }
            for i in range(200)
        ]
        example.write_lines("labels.jsonl", rows)
        done = ragft(example.folder, "calibrate", "--labels=labels.jsonl")
        assert done.code == 0, done.err
        example.write("suites/ragft.toml", f'{GATE}margin_scale = "people"\n')

    def test_a_calibration_translates_it(self, ready: Example) -> None:
        # Of the answers that the judge thinks right people think one in four wrong.
        self.calibrated(ready, lambda i: float(i % 2 == 0 and i % 8 != 0))

        result, content = report(ready)

        (gate,) = content["gates"]
        assert 0.2 < gate["slope"]["lower"] < gate["slope"]["estimate"] < 1
        assert gate["verdict"]["margin"] == pytest.approx(0.05 * gate["slope"]["lower"])
        assert gate["verdict"]["regression_margin"] == pytest.approx(
            0.05 * min(1, gate["slope"]["upper"])
        )
        assert "margin 0.05 to people: a PASS excludes a drop by" in words(result)

    def test_a_judge_that_hardly_follows_people_is_refused(self, ready: Example) -> None:
        self.calibrated(ready, lambda i: float(i % 2 == (i % 5 > 2)))

        result = ready.gate()

        assert result.code == 4
        assert "may follow people's by as little as" in result.err


def test_excluded_suites_are_neither_pooled_nor_collected(ready: Example) -> None:
    ready.suite("old")
    ready.write("suites/ragft.toml", 'exclude = ["old"]\n')

    result = ready.gate("--ragft-json=r.json")

    assert result.code == 0, result.out + result.err
    assert "suites/old" not in {case.get("classname") for case in result.junit.iter("testcase")}
    assert "leaves 1 suite out of its pool by `exclude`: " in words(result)
    assert "suites/old" in words(result)
