"""A made-up run whose texts and names all try to be more than text."""

from __future__ import annotations

from dataclasses import replace

from pytest_ragft.records import AnsweredCase, RunResult
from tests.hostile import HOSTILE
from tests.reported_run import made_run

TEXTS = tuple(HOSTILE.values())


def hostile_run(texts: tuple[str, ...] = TEXTS) -> RunResult:
    """A run whose questions, answers, names and notes are all of such texts."""
    made = made_run(len(texts) * 4)
    cases = {}
    for position, (key, case) in enumerate(made.cases.items()):
        text = texts[position % len(texts)]
        suite, example_id, variant = key
        name = example_id if position >= len(texts) else f"{text[:200]} {position}"
        cases[suite, name, variant] = _spoiled(case, name, text)
    moved = {key[1] for key in made.cases} - {key[1] for key in cases}
    names = dict(zip(sorted(moved), [k[1] for k in cases][: len(moved)], strict=True))
    first = texts[0][:200]
    return replace(
        made,
        cases=cases,
        gates=tuple(
            replace(
                gate,
                explanation=f"{gate.gate.metric} {text}",
                node_id=f"{gate.node_id} {text[:200]}",
                questions=tuple(replace(m, id=names.get(m.id, m.id)) for m in gate.questions),
                strata=tuple(
                    replace(part, name=f"{part.name} {text[:200]}") for part in gate.strata
                ),
            )
            for gate, text in zip(made.gates, texts * 8, strict=False)
        ),
        variants=tuple(
            replace(facts, spec=text[:2_000], notes=tuple(t[:2_000] for t in texts))
            for facts, text in zip(made.variants, texts, strict=False)
        ),
        suites=tuple(replace(facts, path=f"{first}/suite.toml") for facts in made.suites),
        judge=texts[1][:200],
        judge_note=texts[2],
        errors=tuple(texts[:60]),
        remarks=tuple(texts),
    )


def _spoiled(case: AnsweredCase, name: str, text: str) -> AnsweredCase:
    of = case.example
    score = replace(
        case.scores["accuracy"], reason=text, evidence={text[:200]: text, "list": [text, 1.5]}
    )
    return replace(
        case,
        example=replace(
            of,
            id=name,
            question=text,
            references=(text, *of.references),
            facts=(text,),
            document=text[:200],
            tags=(text[:200],),
        ),
        passages=tuple(
            replace(p, id=f"{p.id}{text[:50]}", title=text, text=text) for p in case.passages
        ),
        answer=replace(case.answer, text=f"{text} after", reasoning=text),
        scores={**case.scores, "accuracy": score},
        baseline_answer=case.baseline_answer
        and replace(case.baseline_answer, text=f"{text} before"),
    )
