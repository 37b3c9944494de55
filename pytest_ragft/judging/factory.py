"""From the text of ``--ragft-judge`` to a judge."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.importing import FORM, JUDGES, names_own
from pytest_ragft.judging.port import Judge
from pytest_ragft.models.identity import Memo
from pytest_ragft.store import Store


def open_judge(
    spec: str = "reference",
    *,
    environ: Mapping[str, str] | None = None,
    offline: bool = False,
    store: Store | None = None,
    places: Iterable[Path] = (),
) -> Judge:
    """The judge that `spec` names. Nothing is asked, and no model loaded, before it is needed.

    Args:
        spec: ``reference``, ``semantic``, ``semantic:PATH``, a judge of `judging.llm`, or one's own
            as ``MODULE:CLASS`` or by its entry point.
        environ: For keys; None for this process's.
        offline: Open no socket and load no model: only scores that are kept count.
        store: Holds what a judge's server granted when it was last asked, and fingerprints of
            large files; None for neither reading nor keeping them.
        places: Hold modules with judges of one's own, see `load_own`.

    Raises:
        SpecError: there is no such judge, or one's own does not fit the port.
        JudgeError: a part of it is lacking.
        MissingDependencyError: an extra is not installed.
    """
    environ = os.environ if environ is None else environ
    if spec.partition(":")[0] == "jury":
        from pytest_ragft.judging.llm.opening import open_jury

        return open_jury(
            spec,
            lambda member: open_judge(
                member, environ=environ, offline=offline, store=store, places=places
            ),
        )
    judge = _open_one(spec, environ, offline=offline, store=store, places=tuple(places))
    if offline and spec != "reference":
        from pytest_ragft.judging.offline import OfflineJudge

        return OfflineJudge(judge)
    return judge


def judges_of(metric: str) -> str:
    """Which judges score a metric, as a message says it."""
    from pytest_ragft.judging.llm.opening import ALONE

    named = ALONE.get(metric, ("reference", "semantic", "openai:MODEL@URL"))
    return f"{', '.join(named)}, a jury of such, or one of your own"


def _open_one(
    spec: str,
    environ: Mapping[str, str],
    *,
    offline: bool,
    store: Store | None,
    places: Iterable[Path],
) -> Judge:
    # Imported where they are opened: each brings libraries that the others do without.
    kind, colon, rest = spec.partition(":")
    if spec == "reference":
        from pytest_ragft.judging.lexical.reference import ReferenceJudge

        return ReferenceJudge()
    if kind == "semantic" and (rest.strip() or not colon):
        from pytest_ragft.judging.semantic.judge import SemanticJudge

        return SemanticJudge(rest or None, offline=offline, memo=Memo(store))
    from pytest_ragft.judging.llm.opening import FORMS, open_llm_judge, opens

    if opens(spec):
        return open_llm_judge(spec, environ, store)
    if names_own(spec, JUDGES):
        from pytest_ragft.judging.own import open_own_judge

        return open_own_judge(spec, where=f"--ragft-judge={spec!r}", places=places)
    # A spec that is not known may hold a URL with a password.
    shown = f"={spec!r}" if "@" not in spec else ""
    known = ", ".join(("reference", "semantic", "semantic:PATH", *FORMS, FORM))
    raise SpecError(f"--ragft-judge{shown}: there is no such judge; accepted are {known}")
