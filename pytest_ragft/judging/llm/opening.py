"""From the text of ``--ragft-judge`` to the judges of this package and to juries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_ragft.endpoint.address import parse_model_at_url
from pytest_ragft.endpoint.settings import endpoint_settings, whole_number
from pytest_ragft.errors import SpecError
from pytest_ragft.judging.jury import Jury, Rule
from pytest_ragft.judging.llm.direct import OpenAIJudge
from pytest_ragft.judging.llm.geval import GEvalJudge
from pytest_ragft.judging.llm.local import LocalJudge
from pytest_ragft.judging.llm.served import MAX_TOKENS
from pytest_ragft.judging.port import Judge
from pytest_ragft.models.files import user_path
from pytest_ragft.models.identity import Memo
from pytest_ragft.store import Latest, Store

VARIABLES = "RAGFT_JUDGE"
"""What the variables of the environment begin with that say how a server is called."""
FORMS = (
    "openai:MODEL@URL",
    "claims:MODEL@URL",
    "geval:MODEL@URL",
    "hf:PATH",
    "jury:SPEC,SPEC,…",
    "jury:majority:SPEC,SPEC,SPEC,…",
)
"""What `opens` takes, for messages."""

ALONE: Mapping[str, tuple[str, ...]] = {"faithfulness": ("claims:MODEL@URL",)}
"""Metrics that not every judge scores, and the forms of those that do."""

_KINDS = ("openai", "claims", "geval", "hf", "jury")
_RULES: tuple[Rule, ...] = ("mean", "majority")


def opens(spec: str) -> bool:
    """Whether `spec` is of a form that `open_llm_judge` or `open_jury` takes."""
    return spec.partition(":")[0] in _KINDS and ":" in spec


def open_llm_judge(spec: str, environ: Mapping[str, str], store: Store | None = None) -> Judge:
    """The judge that `spec` names. Nothing is asked or loaded yet.

    Args:
        spec: Such as ``openai:MODEL@URL``.
        environ: Holds the key, if any, and may set what `endpoint_settings` reads, and the
            length of a reply in tokens (``RAGFT_JUDGE_MAX_TOKENS``).
        store: Keeps what the server grants.

    Raises:
        SpecError: `spec` or one of these variables is not of the form.
        MissingDependencyError: an extra is not installed.
    """
    kind, _, rest = spec.partition(":")
    where = f"--ragft-judge={kind}:…"
    if kind == "hf":
        if not rest.strip():
            raise SpecError("--ragft-judge='hf:': name the model's folder, such as hf:models/judge")
        return LocalJudge(user_path(rest.strip()), Memo(store))
    model, url = parse_model_at_url(rest, where=where)
    endpoint = endpoint_settings(url, environ, prefix=VARIABLES).open()
    memory = None if store is None else Latest(store, "capabilities")
    length = whole_number(environ, f"{VARIABLES}_MAX_TOKENS", MAX_TOKENS)
    if kind == "geval":
        return GEvalJudge(model, endpoint, memory=memory, max_tokens=length)
    claims = kind == "claims"
    return OpenAIJudge(model, endpoint, claims=claims, memory=memory, max_tokens=length)


def open_jury(spec: str, open_judge: Callable[[str], Judge]) -> Jury:
    """The jury that `spec` names, its members opened by `open_judge`.

    Raises:
        SpecError: fewer than two members, one twice, a jury within the jury, or whatever
            `open_judge` raises.
    """
    _, _, rest = spec.partition(":")
    rule: Rule = "mean"
    for one in _RULES:
        if rest.startswith(f"{one}:"):
            rule, rest = one, rest.removeprefix(f"{one}:")
    specs = [member.strip() for member in rest.split(",")]
    if not all(specs) or any(member.startswith("jury:") for member in specs):
        raise SpecError(
            f"--ragft-judge={spec!r}: name the judges of a jury with commas between them, such as "
            "jury:reference,semantic; none of them a jury"
        )
    return Jury([open_judge(member) for member in specs], rule=rule)
