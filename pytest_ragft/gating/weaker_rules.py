"""The rules that a run is held to, as a plain copy; what got weaker since one was saved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ragft.records import Gate
from pytest_ragft.stats.multiplicity import guard_level
from pytest_ragft.suite import Rules, Suite

if TYPE_CHECKING:
    from pytest_ragft.evaluation.baseline import SavedBaseline
    from pytest_ragft.gating.plan import Plan

Plain = Mapping[str, Any]

# Fields of the records that are no rules, or that a saved baseline refuses when they differ.
_NO_RULE = {
    Gate: {"margin_is_default"},
    Rules: {"path", "gates"},
    Suite: {
        "name", "path", "examples", "passages", "retrieval", "generation", "prompt", "gates",
        "clusters", "fingerprint", "questions", "notes",
    },
}  # fmt: skip


def _greater(then: Any, now: Any) -> bool:
    return bool(now > then)


# Which change of a rule makes it weaker; of a rule that is not here, any change may.
_WEAKER: Mapping[str, Callable[[Any, Any], bool]] = {
    "role": lambda then, now: now == "guard",
    "margin": _greater,
    "alpha": _greater,
    "exclude": lambda then, now: not set(now) <= set(then),
    "select": lambda then, now: then == "best",
    "documents": lambda then, now: now == "own",
    "question_floor": lambda then, now: now is None or (then is not None and now < then),
    "on_inconclusive": lambda then, now: now == "warn",
}


def rules_of(plan: Plan) -> dict[str, Any]:
    """The rules in force, command line included, as values that JSON keeps."""
    content = {
        "gates": [
            _plain(Gate, spec.gate)
            | {
                "name": spec.name,
                "pooled": spec.pooled,
                "suites": sorted(spec.suites),
            }
            for group in plan.groups
            for spec in group.specs
        ],
        "files": {
            _place(group.path, plan.root): _plain(Rules, group.rules)
            for group in plan.groups
            if group.rules is not None
        },
        "suites": {suite.name: _plain(Suite, suite) for suite in plan.suites.values()},
        "run": {"on_inconclusive": plan.settings.on_inconclusive},
    }
    return _kept(content)


def rule_notes(plan: Plan, saved: SavedBaseline | None) -> tuple[str, ...]:
    """What got weaker against the copy of the rules in the saved baseline; else empty."""
    if saved is None:
        return ()
    name = f"saved baseline {saved.name!r}"
    questions = {suite: tuple(part.answers) for suite, part in saved.suites.items()}
    now = {suite.name: [e.id for e in suite.examples] for suite in plan.suites.values()}
    lines = [f"{name}: {line}" for line in deleted(questions, now)]
    if saved.rules is None:
        return (
            *lines,
            f"{name} was saved before rules were kept: cannot tell whether they got weaker; save "
            f"it again with --ragft-save-baseline={saved.name}",
        )
    changes = weakened(saved.rules, rules_of(plan))
    return (*lines, *(f"weaker rules than those of {name}: {line}" for line in changes))


def weakened(then: Plain, now: Plain) -> list[str]:
    """Changes by which a regression may pass that did not, one phrase each; none where equal.

    Gates are told by name and suites, so that a file may move. A change that cannot be weighed
    counts; one that is stricter does not.
    """
    there = set(now["suites"])
    lines = []
    for gate in then["gates"]:
        if there.isdisjoint(gate["suites"]):
            continue
        label = _label(gate)
        if (today := _counterpart(gate, now["gates"])) is None:
            lines.append(f"{label} is gone")
            continue
        lines += [f"{label}: {x}" for x in _changes(gate, today, _defaults(Gate), "suites")]
        lines += _moved(label, set(gate["suites"]) & there, set(today["suites"]))
    shares = guard_level(1.0, _guards(now)) < guard_level(1.0, _guards(then))
    lines += [
        f"{_label(gate)} is new and takes from the alpha of the other guards"
        for gate in now["gates"]
        if shares and gate["role"] == "guard" and _counterpart(gate, then["gates"]) is None
    ]
    lines += _section(then["files"], now["files"], _defaults(Rules))
    known = {name: rules for name, rules in then["suites"].items() if name in there}
    lines += _section(known, now["suites"], _defaults(Suite))
    return lines + list(_changes(then["run"], now["run"], {}))


def _guards(rules: Plain) -> int:
    return max(1, [gate["role"] for gate in rules["gates"]].count("guard"))


def deleted(then: Mapping[str, Sequence[str]], now: Mapping[str, Collection[str]]) -> list[str]:
    """Suites and questions that are no longer there."""
    lines = []
    for suite, ids in then.items():
        if suite not in now:
            lines.append(f"its suite {suite!r} ({len(ids)} questions) is not in this run")
        elif gone := [each for each in ids if each not in now[suite]]:
            lines.append(f"{len(gone)} questions of suite {suite!r} are gone, such as {gone[0]!r}")
    return lines


def _plain(record: type, value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in _rules(record)}


def _rules(record: type) -> list[Field[Any]]:
    return [f for f in fields(record) if f.name not in _NO_RULE[record]]


def _defaults(record: type) -> dict[str, Any]:
    """What a rule was before it existed, as JSON keeps it."""
    found = {}
    for of in _rules(record):
        if of.default is not MISSING:
            found[of.name] = of.default
        elif of.default_factory is not MISSING:
            found[of.name] = of.default_factory()
    return _kept(found)


def _kept(content: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON gives it back."""
    plain: dict[str, Any] = json.loads(json.dumps(content, default=_json_value))
    return plain


def _json_value(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return sorted(value) if isinstance(value, Set) else dict(value)


def _place(file: Path, root: Path) -> str:
    with suppress(ValueError):  # on another drive
        file = Path(os.path.relpath(file, root))
    return file.as_posix()


def _label(gate: Plain) -> str:
    return f"{gate['name']} ({'pooled' if gate['pooled'] else ', '.join(gate['suites'])})"


def _counterpart(gate: Plain, others: Sequence[Plain]) -> Plain | None:
    """The gate of the same name that shares most suites with one, if any does."""

    def shared(other: Plain) -> int:
        return len(set(other["suites"]) & set(gate["suites"]))

    alike = [o for o in others if (o["name"], o["pooled"]) == (gate["name"], gate["pooled"])]
    best = max(alike, key=shared, default=None)
    return best if best is not None and shared(best) else None


def _moved(label: str, then: set[str], now: set[str]) -> Iterator[str]:
    if lost := then - now:
        yield f"{label} no longer covers {', '.join(sorted(lost))}"
    if added := now - then:
        yield f"{label} covers {', '.join(sorted(added))}, too"


def _section(then: Plain, now: Plain, defaults: Plain) -> Iterator[str]:
    """Files of rules and suites by name; one that came or went counts with the defaults."""
    for name in sorted({*then, *now}):
        changes = _changes(then.get(name, {}), now.get(name, {}), defaults)
        yield from (f"{name}: {change}" for change in changes)


def _changes(then: Plain, now: Plain, defaults: Plain, *ignored: str) -> Iterator[str]:
    for rule in sorted({*then, *now} - set(ignored)):
        before, after = (x.get(rule, defaults.get(rule)) for x in (then, now))
        if before == after:
            continue
        if rule not in _WEAKER:
            yield f"{rule} was {_shown(before)}, is {_shown(after)}"
        elif _WEAKER[rule](before, after):
            yield f"{rule} was {_shown(before)}, is {_shown(after)}: weaker"


def _shown(value: Any) -> str:
    return "not set" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)
