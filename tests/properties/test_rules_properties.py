"""Any weakening of the rules is told, equal rules are not, whatever else stands around them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.gating.weaker_rules import deleted, weakened

Rules = dict[str, Any]
Change = Callable[[Rules, st.DataObject], None]

SUITES = ("faq", "law", "safety")
RATES = st.floats(0.001, 0.09)


@st.composite
def gates(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A pooled primary accuracy gate, and any others, each once."""
    found = [gate("accuracy", "primary", SUITES, draw(RATES), draw(RATES), pooled=True)]
    others = [("completeness", SUITES, True), *((m, (s,), False) for m in METRICS for s in SUITES)]
    for metric, suites, pooled in draw(st.lists(st.sampled_from(others), unique=True)):
        role = draw(st.sampled_from(["primary", "guard"]))
        found.append(gate(metric, role, suites, draw(RATES), draw(RATES), pooled=pooled))
    return draw(st.permutations(found))


METRICS = ("accuracy", "completeness", "recall@5")


def gate(
    metric: str, role: str, suites: tuple[str, ...], margin: float, alpha: float, *, pooled: bool
) -> dict[str, Any]:
    return {
        "metric": metric, "role": role, "margin": margin, "alpha": alpha, "looks": None,
        "scale": 1.0, "name": f"gate-{metric}", "pooled": pooled, "suites": list(suites),
    }  # fmt: skip


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    floors = st.none() | st.floats(0.1, 0.9)
    return {
        "gates": draw(gates()),
        "files": {
            "suites/ragft.toml": {
                "exclude": draw(st.lists(st.sampled_from(["old", "archive/*"]), unique=True)),
                "select": draw(st.sampled_from([None, "best"])),
            }
        },
        "suites": {name: {"question_floor": draw(floors), "documents": None} for name in SUITES},
        "run": {"on_inconclusive": draw(st.sampled_from(["fail", "warn"]))},
    }


def one_gate(now: Rules, data: st.DataObject) -> dict[str, Any]:
    found: dict[str, Any] = data.draw(st.sampled_from(now["gates"]))
    return found


def greater_margin(now: Rules, data: st.DataObject) -> None:
    one_gate(now, data)["margin"] += data.draw(RATES)


def greater_alpha(now: Rules, data: st.DataObject) -> None:
    one_gate(now, data)["alpha"] += data.draw(st.floats(1e-6, 0.01))


def no_gate(now: Rules, data: st.DataObject) -> None:
    now["gates"].remove(one_gate(now, data))


def guard_only(now: Rules, data: st.DataObject) -> None:
    next(g for g in now["gates"] if g["role"] == "primary")["role"] = "guard"


def many_guards(now: Rules, data: st.DataObject) -> None:
    """Up to six decide at alpha each; those beyond take from the others."""
    at = data.draw(st.integers(0, len(now["gates"])))
    suites = (data.draw(st.sampled_from(SUITES)),)
    new = [gate(f"recall@{k}", "guard", suites, 0.05, 0.05, pooled=False) for k in range(11, 18)]
    now["gates"][at:at] = new


def other_looks(now: Rules, data: st.DataObject) -> None:
    one_gate(now, data)["looks"] = data.draw(st.lists(st.integers(1, 900), min_size=1))


def fewer_suites(now: Rules, data: st.DataObject) -> None:
    pooled = next(g for g in now["gates"] if g["pooled"])
    pooled["suites"].remove(data.draw(st.sampled_from(pooled["suites"])))


def a_slice(now: Rules, data: st.DataObject) -> None:
    one_gate(now, data)["where"] = {"tag": "easy"}


def what_nobody_knows(now: Rules, data: st.DataObject) -> None:
    one_gate(now, data)["lenience"] = 3


def more_excluded(now: Rules, data: st.DataObject) -> None:
    now["files"]["suites/ragft.toml"]["exclude"].append("safety")


def own_documents(now: Rules, data: st.DataObject) -> None:
    now["suites"][data.draw(st.sampled_from(SUITES))]["documents"] = "own"


WEAKENINGS: list[Change] = [
    greater_margin, greater_alpha, no_gate, guard_only, many_guards, other_looks, fewer_suites,
    a_slice, what_nobody_knows, more_excluded, own_documents,
]  # fmt: skip


@given(rules(), st.data())
def test_equal_rules_are_told_by_nothing(then: Rules, data: st.DataObject) -> None:
    now = copy.deepcopy(then)
    now["gates"] = data.draw(st.permutations(now["gates"]))
    assert weakened(then, now) == []


@pytest.mark.parametrize("weaken", WEAKENINGS, ids=lambda change: change.__name__)
@settings(max_examples=30)
@given(then=rules(), data=st.data())
def test_any_weakening_is_told(weaken: Change, then: Rules, data: st.DataObject) -> None:
    now = copy.deepcopy(then)
    weaken(now, data)
    assert weakened(then, now)


@given(rules(), st.data())
def test_what_is_stricter_hides_no_weakening(then: Rules, data: st.DataObject) -> None:
    now = copy.deepcopy(then)
    for each in now["gates"]:
        each["role"] = "primary"
        each["margin"] *= data.draw(st.floats(0.1, 1))
    now["run"]["on_inconclusive"] = "fail"
    now["files"]["suites/ragft.toml"] |= {"exclude": [], "select": "best"}
    assert weakened(then, now) == []
    data.draw(st.sampled_from([more_excluded, own_documents, no_gate, a_slice]))(now, data)
    assert weakened(then, now)


@given(rules(), st.data())
def test_a_guard_that_takes_from_no_other_is_no_weakening(then: Rules, data: st.DataObject) -> None:
    now = copy.deepcopy(then)
    suites = (data.draw(st.sampled_from(SUITES)),)
    now["gates"].append(gate("mrr", "guard", suites, 0.05, 0.05, pooled=False))
    guards = [each["role"] for each in now["gates"]].count("guard")
    assert bool(weakened(then, now)) is (guards > 6)


@given(rules())
def test_a_rule_that_did_not_exist_then_counts_with_its_default(then: Rules) -> None:
    """A baseline of an older version, whose copy lacks a field."""
    now = copy.deepcopy(then)
    for each in then["gates"]:
        del each["looks"]
    for each in then["suites"].values():
        del each["question_floor"]
    for each in now["suites"].values():
        each["question_floor"] = None
    assert weakened(then, now) == []
    now["gates"][0]["looks"] = [300, 600]
    (line,) = weakened(then, now)
    assert "looks was not set, is [300, 600]" in line


@pytest.mark.parametrize(
    ("section", "rule", "then", "now", "weaker"),
    [
        ("files", "select", "best", None, True),
        ("files", "select", None, "best", False),
        ("suites", "question_floor", 0.5, 0.4, True),
        ("suites", "question_floor", 0.5, None, True),
        ("suites", "question_floor", None, 0.5, False),
        ("suites", "documents", "own", None, False),
        ("run", "on_inconclusive", "fail", "warn", True),
        ("run", "on_inconclusive", "warn", "fail", False),
    ],
)
def test_directions(section: str, rule: str, then: object, now: object, weaker: bool) -> None:
    def of(value: object) -> Rules:
        found: Rules = {"gates": [], "files": {"f": {}}, "suites": {"s": {}}, "run": {}}
        part = {"files": found["files"]["f"], "suites": found["suites"]["s"], "run": found["run"]}
        part[section][rule] = value
        return found

    assert bool(weakened(of(then), of(now))) is weaker


def test_questions_that_are_gone() -> None:
    then = {"faq": ["a", "b", "c"], "law": ["x"], "safety": ["s"]}
    assert deleted(then, {"faq": ["c", "a", "b", "d"], "law": ["x"], "safety": ["s"]}) == []
    assert deleted(then, {"faq": ["a"], "law": ["x"]}) == [
        "2 questions of suite 'faq' are gone, such as 'b'",
        "its suite 'safety' (1 questions) is not in this run",
    ]
