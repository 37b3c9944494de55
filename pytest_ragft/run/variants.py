"""The variants of a run, as the command line names them."""

from __future__ import annotations

from pytest_ragft.errors import BaselineError, SpecError
from pytest_ragft.evaluation.evaluation import BASELINE, RETRIEVAL
from pytest_ragft.generation.source import VariantSpec, parse_variant
from pytest_ragft.run.settings import Settings


def variants_of(settings: Settings) -> tuple[VariantSpec, ...]:
    """The variants that were asked for.

    Raises:
        SpecError: two have one name, or one has a name that is taken.
        BaselineError: what is to be compared or saved does not go together.
    """
    variants = tuple(parse_variant(text) for text in settings.model)
    names = [variant.name for variant in variants]
    for name in names:
        if name in (BASELINE, RETRIEVAL) or names.count(name) > 1:
            why = "is given twice" if names.count(name) > 1 else "is reserved"
            raise SpecError(
                f"--ragft-model: the variant name {name!r} {why}; give another with NAME=SPEC"
            )
    if not settings.gated and not settings.save_baseline:
        raise BaselineError(
            "--ragft-baseline=none: only together with --ragft-save-baseline=NAME, since a run "
            "without a baseline gates nothing"
        )
    if settings.save_baseline and len(variants) != 1:
        raise BaselineError(
            f"--ragft-save-baseline={settings.save_baseline}: needs exactly one --ragft-model, "
            f"got {len(variants)}"
        )
    if settings.save_baseline and settings.limit:
        raise BaselineError(
            f"--ragft-save-baseline={settings.save_baseline}: not on a run limited by "
            f"--ragft-limit={settings.limit}; a baseline must be complete"
        )
    return variants
