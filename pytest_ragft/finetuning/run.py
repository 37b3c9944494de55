"""From a suite and a recipe to a trained model on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_ragft.errors import InputError, TrainingError
from pytest_ragft.finetuning.base import Base, room_of
from pytest_ragft.finetuning.familiarity import Familiarity, familiarity_of
from pytest_ragft.finetuning.forms import Retrieve
from pytest_ragft.finetuning.lint import Fault, joined, lint
from pytest_ragft.finetuning.loss import Row, row_of
from pytest_ragft.finetuning.pairs import (
    Parts,
    TrainingPair,
    TrainingSet,
    once,
    parted,
    training_set,
)
from pytest_ragft.finetuning.recipe import PEOPLE, VIRTUAL, Recipe
from pytest_ragft.finetuning.replay import of_questions, replayed
from pytest_ragft.finetuning.targets import Ask, Writers, nobody, told, with_targets
from pytest_ragft.finetuning.training import Trained, is_unmoved, steps_of, train
from pytest_ragft.finetuning.writing import write_trained
from pytest_ragft.generation.adapter import IDENTITY
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.port import Judge
from pytest_ragft.progress import Progress
from pytest_ragft.quiet import quiet_libraries, tell
from pytest_ragft.records import Prompt
from pytest_ragft.store import fingerprint
from pytest_ragft.store.locks import held
from pytest_ragft.suite import Suite

_UNTAUGHT = ("no-target", "truncated")
"""Faults whose pairs cannot be trained on, forced or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a training takes, and what is wrong with it."""

    parts: Parts
    rows: tuple[Row, ...]
    """Those of `parts.training`, in tokens."""
    development: tuple[Row, ...]
    faults: tuple[Fault, ...]
    settings: GenerationSettings
    """With which the model will be served."""

    @property
    def tokens(self) -> int:
        """Of one epoch, prompts and answers."""
        return sum(len(row["input_ids"]) for row in self.rows)

    @property
    def taught(self) -> int:
        """Tokens of one epoch that bear the loss."""
        return sum(sum(label >= 0 for label in row["labels"]) for row in self.rows)


def prepare(
    suite: Suite,
    recipe: Recipe,
    base: Base,
    retrieve: Retrieve,
    gated: Sequence[Suite] = (),
    *,
    ask: Ask = nobody,
    judge: Judge | None = None,
) -> Prepared:
    """Pairs of a suite in tokens, cut into parts, with their faults.

    No weights are loaded, but where the base or another model writes targets that are not there.

    Args:
        suite: Whose questions are taught, with its own prompt.
        recipe: How.
        base: Whose tokenizer, template and window decide what is shown.
        retrieve: See `training_set`.
        gated: Suites in which none of the questions may stand.
        ask: Who answers, where targets are not people's; see `answers.answering`.
        judge: Which of these answers are right; None: the reference judge.

    Raises:
        InputError: no question can be taught, fewer than the recipe asks for, another model's
            answers lack some, or there is too little general data to mix in.
        GenerationError: the chat template does not take the suite's prompt, or a model that
            writes targets cannot be loaded or reached.
        SpecError: the recipe's target names no model.
        RetrievalError: the retriever cannot answer.
    """
    settings = suite.generation
    room = room_of(base, settings.max_new_tokens, _virtual(recipe))

    def fitting(prompt: Prompt) -> int:
        fitted = base.chat.fit(prompt, room, settings.thinking)
        return len(prompt.passages) - fitted.passages_dropped

    writers = Writers(base=str(base.folder), ask=ask, judge=judge or ReferenceJudge())
    with quiet_libraries():
        whole = training_set(suite, recipe, retrieve, fitting)
        return _prepared(whole, suite, recipe, base, gated, writers)


def _prepared(
    whole: TrainingSet,
    suite: Suite,
    recipe: Recipe,
    base: Base,
    gated: Sequence[Suite],
    writers: Writers,
) -> Prepared:
    settings = suite.generation

    def looked_through(pairs: Sequence[TrainingPair]) -> list[Fault]:
        return lint(
            pairs,
            _rows(pairs, base, settings),
            base=base,
            settings=settings,
            virtual_tokens=_virtual(recipe),
            gated=gated,
        )

    faults = looked_through(whole.pairs)
    # Only what was drawn is written anew: a model may take hours for all questions of a large set.
    parts = with_targets(parted(once(_taught(whole, faults)), recipe), suite, recipe, writers)
    if recipe.target != PEOPLE:
        again = looked_through([*parts.training.pairs, *parts.development.pairs])
        faults = joined(faults, again)
        parts = Parts(
            training=_taught(parts.training, again), development=_taught(parts.development, again)
        )
    notes = (*parts.training.notes, *told(parts.training.pairs, recipe))
    parts = replace(parts, training=replace(parts.training, notes=notes))
    if recipe.mix:
        training, more = _mixed(parts.training, recipe, base, settings)
        # What general data teaches is not what the suite asks for, nor served at its length.
        found = [fault for fault in looked_through(more) if fault.kind != "cut-when-served"]
        parts, faults = replace(parts, training=training), joined(faults, found)
    if not parts.training.pairs:
        said = "; ".join(fault.line for fault in faults)
        raise InputError(f"{suite.path}: no pair is left to train on: {said}")
    if is_unmoved(steps_of(len(parts.training.pairs), recipe), recipe):
        faults = joined(faults, [_one_step(parts.training.pairs)])
    return Prepared(
        parts=parts,
        rows=_rows(parts.training.pairs, base, settings),
        development=_rows(parts.development.pairs, base, settings),
        faults=tuple(faults),
        settings=settings,
    )


def _mixed(
    own: TrainingSet, recipe: Recipe, base: Base, settings: GenerationSettings
) -> tuple[TrainingSet, Sequence[TrainingPair]]:
    """A set with general data behind its pairs, and that data."""
    window = None if base.window is None else base.window - _virtual(recipe)
    more, notes = replayed(recipe, len(own.pairs), base, window, settings.thinking)
    return TrainingSet(pairs=(*own.pairs, *more), notes=(*own.notes, *notes)), more


def _one_step(pairs: Sequence[TrainingPair]) -> Fault:
    return Fault(
        kind="one-step",
        severity="error",
        ids=tuple(pair.id for pair in pairs),
        what="all of them are one step, at which the learning rate is 0 in warm-up, so that "
        "nothing would be learnt; take --warmup 0, more --epochs or a smaller --batch",
    )


def _virtual(recipe: Recipe) -> int:
    """Tokens of the window that are not a prompt's."""
    return recipe.virtual_tokens if recipe.method in VIRTUAL else 0


def _taught(whole: TrainingSet, faults: Sequence[Fault]) -> TrainingSet:
    """A set without the pairs that cannot be trained on, forced or not."""
    untaught = {i for fault in faults if fault.kind in _UNTAUGHT for i in fault.ids}
    return replace(whole, pairs=tuple(pair for pair in whole.pairs if pair.id not in untaught))


def _rows(
    pairs: Sequence[TrainingPair], base: Base, settings: GenerationSettings
) -> tuple[Row, ...]:
    return tuple(row_of(p.messages, p.answer, base.chat, settings.thinking) for p in pairs)


class Look:
    """Looks how familiar the targets are to a base that somebody else has loaded.

    Args:
        made: With the targets.
        recipe: With the seed.
        base: Their base.
        told: Gets what is found.
    """

    def __init__(
        self, made: Prepared, recipe: Recipe, base: Base, told: Callable[[Familiarity], None]
    ) -> None:
        self._made, self._recipe, self._base, self._told = made, recipe, base, told
        self.found: Familiarity | None = None
        """None before it has looked."""

    def __call__(self, model: Any) -> None:
        """Look, and tell."""
        self.found = familiarity_of(
            model,
            of_questions(self._made.parts.training.pairs),
            self._base,
            self._made.settings,
            seed=self._recipe.seed,
        )
        self._told(self.found)


def finetune(
    made: Prepared,
    recipe: Recipe,
    base: Base,
    out: Path,
    *,
    source: str,
    suites: Sequence[str] = (),
    progress: Progress,
    replace: bool = False,
    on_familiarity: Callable[[Familiarity], None] | None = None,
) -> Trained:
    """Train and write the folder `out`; a training of the same that was stopped goes on.

    Checkpoints lie in a hidden folder beside `out` until it is written.

    Args:
        made: What is trained on.
        recipe: How.
        base: What.
        out: The folder.
        source: Where the pairs come from, for the card.
        suites: Names of the suites whose questions or prompt are taught, so that a report can tell
            them from those that the model was not trained for.
        progress: Shows steps and loss.
        replace: Whether a trained model that stands there is replaced.
        on_familiarity: Gets how familiar the targets are to the base, before anything is trained;
            None: that is not measured.

    Raises:
        InputError: something stands there.
        TrainingError: it fails; what was done is kept for the next time, but for a loss that is no
            number.
    """
    work = work_folder(made, recipe, base, out)
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"{str(work)!r} cannot be made: {error.strerror or error}") from error
    with held(work, "training", tell):
        # Another process may have written it, and removed its work, while this one waited.
        expect_place(out, replace=replace)
        work.mkdir(exist_ok=True)
        look = None if on_familiarity is None else Look(made, recipe, base, on_familiarity)
        trained = train(
            made.rows, made.development, recipe, base, work=work, progress=progress, before=look
        )
        found = None if look is None else look.found
        # Another recipe has another lock, and may have been written there while this one trained.
        try:
            expect_place(out, replace=replace)
        except InputError as error:
            raise InputError(
                f"{error}; the same command goes on from the last checkpoint"
            ) from None
        write_trained(trained, recipe, base, made.parts, source, out, suites, found)
    shutil.rmtree(work, ignore_errors=True)
    return trained


def work_folder(made: Prepared, recipe: Recipe, base: Base, out: Path) -> Path:
    """Where checkpoints lie: another base, recipe or other data have another folder."""
    key = fingerprint(
        base.weights, recipe.plain(), made.parts.training.fingerprint,
        made.parts.development.fingerprint,
    )  # fmt: skip
    return out.absolute().parent / f".{out.name}.training-{key[:12]}"


def expect_place(out: Path, *, replace: bool) -> None:
    """Find out before any work whether a model may be written to a folder; makes nothing.

    Raises:
        InputError: something stands there: another file, or a model without `replace`.
    """
    if not os.path.lexists(out):
        return
    if not os.path.isdir(out):
        raise InputError(f"--out={str(out)!r} is a file; name a folder")
    if not any(out.iterdir()):
        return
    if not (out / IDENTITY).is_file():
        raise InputError(
            f"--out={str(out)!r}: something else stands there, which is never overwritten; name "
            "another folder"
        )
    if not replace:
        raise InputError(
            f"--out={str(out)!r}: a trained model stands there; name another folder, or --replace "
            "it"
        )
