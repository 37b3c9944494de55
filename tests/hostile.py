"""Texts that would act in a report that trusts them, and the runs that hold them."""

from __future__ import annotations

from dataclasses import replace

from pytest_ragft.records import AnsweredCase, RunResult
from tests.attacks import attacks
from tests.reported_run import made_run

_MARKUP = (
    "<script>window.hurt = 1</script>",
    "</script><script>window.hurt = 1</script>",
    "<!--<script>",
    "--><img src=x onerror=window.hurt=1>",
    "<img src=x onerror='window.hurt = 1'>",
    '"><svg onload=window.hurt=1>',
    "'><body onload=window.hurt=1>",
    "</textarea></title></style></pre><b onmouseover=window.hurt=1>",
    "<svg><script href='data:text/javascript,window.hurt=1'/></svg>",
    "<svg><animate onbegin=window.hurt=1 attributeName=x>",
    "<math><mtext></mtext><script>window.hurt=1</script></math>",
    "<iframe srcdoc='<script>parent.hurt = 1</script>'></iframe>",
    "<iframe src='javascript:parent.hurt=1'></iframe>",
    "<object data='data:text/html,<script>1</script>'></object>",
    "<a href='javascript:window.hurt=1'>here</a>",
    "javascript:window.hurt=1",
    "JaVaScRiPt:window.hurt=1//",
    "data:text/html,<script>alert(1)</script>",
    "<form action='https://example.org/'><input name=a></form>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<base href='https://example.org/'>",
    "<link rel=stylesheet href='https://example.org/a.css'>",
    "<style>@import 'https://example.org/a.css'; * { display: none }</style>",
    "<template><script>window.hurt=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.hurt=1>'>",
    "{{ 7 * 7 }} {% for x in y %} {# comment",
    "${7*7} #{7*7} <%= 7*7 %>",
    "\\u003cscript>window.hurt=1\\u003c/script>",
    "&lt;script&gt;window.hurt=1&lt;/script&gt; &#60;b&#62;",
    "]]><script>window.hurt=1</script>",
    "`code` **bold** [link](javascript:window.hurt=1) ![image](https://example.org/i.png)",
    "| a | b |\n|---|---|\n# heading\n- list\n> quote\n```\nfence",
    "<details open ontoggle=window.hurt=1>",
    "@someone #1 https://example.org/?q=<b>",
)
_CHARACTERS = (
    "\x1b[31mred\x1b[0m\x1b]8;;https://example.org\x07link\x1b]8;;\x07",
    "a\x00b\x01c\x08d\x0be\x0cf\x7fg\x80h\x9bi",
    "right \u202eot tfel\u202c \u2066isolated\u2069 \u200f",
    "zero\u200bwidth\u2060joined\ufeff",
    "half of a pair \ud83d and \udc00",
    "\r\nline\u2028separated\u2029paragraph\x85next",
    "tags \U000e0041\U000e0042 and \ufff9annotated\ufffb",
    "\n::error::set\n##vso[task.complete]",
    "\u0301" * 300,
    "שלום <b>עולם</b> مرحبا",
    "x" * 1_000_000,
    ("<" * 2_000) + ("&" * 2_000),
    "'; DROP TABLE questions; --",
    "=cmd|' /C calc'!A0",
    "C:\\path\\..\\..\\etc %00 ../../../etc/passwd",
    "\t\t \u00a0\u3000 ",
)
HOSTILE = (
    *_MARKUP,
    *_CHARACTERS,
    *(text for _, text in list(attacks("Zanzibar, perhaps.", None))[:20]),
)
assert len(HOSTILE) >= 60


def hostile_run(texts: tuple[str, ...] = HOSTILE) -> RunResult:
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
