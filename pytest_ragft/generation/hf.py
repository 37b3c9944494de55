"""Generators on transformers and peft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from pytest_ragft.errors import GenerationError, RagftError, SpecError, reason_of, require_packages
from pytest_ragft.generation.batching import cut_batches, run_halving, trim_heap
from pytest_ragft.generation.chat import Chat, FittedPrompt
from pytest_ragft.generation.decoding import Row, decode
from pytest_ragft.generation.engine import HFEngine
from pytest_ragft.generation.settings import BATCH_TOKENS, GenerationSettings
from pytest_ragft.models.identity import Watched
from pytest_ragft.quiet import quiet_libraries
from pytest_ragft.records import Answer, Request, Sampling
from pytest_ragft.store import fingerprint

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Drawn: TypeAlias = tuple[FittedPrompt, Sampling | None]
"""A prompt, and how its answer is drawn."""


def _with_errors_of_its_own(
    method: Callable[Concatenate[HFGenerator, _P], _R],
) -> Callable[Concatenate[HFGenerator, _P], _R]:
    """Whatever a model, a tokenizer or a template raises is an error of that generator alone."""

    @wraps(method)
    def guarded(self: HFGenerator, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except RagftError:
            raise
        except Exception as error:
            what = str(self.adapter or self.engine.files.folder)
            raise GenerationError(
                f"{what!r} failed while it answered: {reason_of(error)}"
            ) from error

    return guarded


class HFGenerator:
    """Answers of a base model, with or without an adapter. See `GenerationSettings`.

    Args:
        engine: Loads the base; shared with other generators on it.
        settings: How answers are decoded.
        fingerprint: Identity of all that decides an answer besides the prompt.
        tokenizer: Folder of the tokenizer.
        template: Chat template in place of the tokenizer's own; None for that.
        adapter: Folder of the adapter; None for the base alone.
        notes: What a report must say.
        watched: The files that it is made of.
        virtual_tokens: Tokens of the window that the adapter takes.
        offline: Answers are only read from the store, so that no package need be installed.
    """

    def __init__(
        self,
        *,
        engine: HFEngine,
        settings: GenerationSettings,
        fingerprint: str,
        tokenizer: Path,
        template: str | None = None,
        adapter: Path | None = None,
        notes: tuple[str, ...] = (),
        watched: Sequence[Watched] = (),
        virtual_tokens: int = 0,
        offline: bool = False,
    ) -> None:
        self.settings = settings
        self._stop = settings.stop or ()
        self.adapter = adapter
        self._engine = engine
        self._fingerprint = fingerprint
        self._tokenizer = tokenizer
        self._template = template
        self._notes = notes
        self._watched = watched
        self._virtual_tokens = virtual_tokens
        self._offline = offline

    @property
    def fingerprint(self) -> str:
        """Identity of all that decides an answer besides the prompt."""
        return self._fingerprint

    @property
    def engine(self) -> HFEngine:
        """The base that it runs on."""
        return self._engine

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about it."""
        return self._notes

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Find out whether it can run here at all; loads nothing.

        Raises:
            MissingDependencyError: a package of the extra ``hf`` is not installed.
        """
        if not self._offline:
            require_packages("torch", "transformers", *(("peft",) if self.adapter else ()))

    @_with_errors_of_its_own
    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Batches of prompts of similar length within the token budget, longest first.

        Raises:
            GenerationError: configuration, tokenizer or chat template cannot be used.
            MissingDependencyError: a package of the extra ``hf`` is not installed.
        """
        require_packages("torch", "transformers")
        with self._unchanged(), quiet_libraries():
            fitted = [self._fit(request) for request in requests]
        return cut_batches(
            [len(prompt.ids) for prompt in fitted],
            max_new_tokens=self.settings.max_new_tokens,
            batch_tokens=self.settings.batch_tokens or BATCH_TOKENS,
        )

    @_with_errors_of_its_own
    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """Answers to one batch, in its order.

        Memory that runs out halves the batch. A prompt that fits neither into the window nor, by
        itself, into memory gives an `Answer` with `error`.

        Raises:
            GenerationError: model, adapter or tokenizer cannot be loaded, or the model fails.
            MissingDependencyError: a package of the extra ``hf`` is not installed.
        """
        require_packages("torch", "transformers")
        with self._unchanged(), quiet_libraries():
            prompts = [self._fit(request) for request in batch]
            fitting = [
                (prompt, request.sampling)
                for prompt, request in zip(prompts, batch, strict=True)
                if prompt.fits
            ]
            answers = iter(self._answers(fitting) if fitting else ())
        return [next(answers) if prompt.fits else self._too_long(prompt) for prompt in prompts]

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """A trainer that saves over the folder must not have its weights' answers kept as others'.

        Whatever is loaded, is loaded inside.
        """
        for files in self._watched:
            files.expect_same()
        try:
            yield
        finally:
            try:
                for files in self._watched:
                    files.expect_untouched()
            except SpecError:
                self._engine.release()
                raise

    @property
    def _chat(self) -> Chat:
        return self._engine.chat(self._tokenizer, self._template)

    @cached_property
    def _window(self) -> int | None:
        """Tokens of the longest prompt with its answer; None where the model states no bound."""
        config = self._engine.config().get_text_config()
        window = getattr(config, "max_position_embeddings", None)
        return window - self._virtual_tokens if isinstance(window, int) else None

    def _fit(self, request: Request) -> FittedPrompt:
        chat = self._chat
        room = None if self._window is None else self._window - self.settings.max_new_tokens
        return chat.fit(request.prompt, room, self.settings.thinking)

    def _answers(self, drawn: Sequence[_Drawn]) -> list[Answer]:
        prompts = [prompt for prompt, _ in drawn]
        with self._engine.model(self.adapter, self._chat.probe()) as model:
            _check_vocabulary(model, prompts)
            outcomes = run_halving(
                drawn, partial(self._decode, model), _no_row, self._engine.free_memory
            )
        trim_heap()
        return [
            self._answer(prompt, row, rows)
            for prompt, (row, rows) in zip(prompts, outcomes, strict=True)
        ]

    def _decode(self, model: Any, drawn: Sequence[_Drawn]) -> Sequence[Row | None]:
        prompts = [prompt for prompt, _ in drawn]
        # One template has written the ends of all prompts.
        opened = self._chat.opening(prompts[0].ids)
        return decode(
            model,
            [prompt.ids for prompt in prompts],
            max_new_tokens=self.settings.max_new_tokens,
            end_ids=self._chat.end_ids() | _end_ids(model),
            is_done=partial(self._has_stop, opened) if self._stop else None,
            sampling=_of_batch([sampling for _, sampling in drawn]),
        )

    def _has_stop(self, opened: str, tokens: Sequence[int]) -> bool:
        text = self._chat.read(tokens, opened).text
        return any(stop in text for stop in self._stop)

    def _answer(self, prompt: FittedPrompt, row: Row | None, rows: int) -> Answer:
        size = len(prompt.ids)
        if row is None:
            why = (
                f"out of memory with this prompt of {size} tokens alone; show fewer passages (k "
                "under [retrieval]), or use a smaller dtype or another device"
            )
            return _failed(prompt, why, rows)
        if row.broken:
            why = 'the model\'s logits are not numbers; try dtype = "float32" under [generation]'
            return _failed(prompt, why, rows)
        parts = self._chat.read(row.tokens, self._chat.opening(prompt.ids))
        text = parts.text
        for stop in self._stop:
            text = text.partition(stop)[0]
        return Answer(
            text=text.strip(),
            reasoning=parts.reasoning,
            reasoning_cut=parts.cut,
            finish="stop" if row.ended else "length",
            prompt_tokens=size,
            completion_tokens=len(row.tokens),
            passages_dropped=prompt.passages_dropped,
            batch_rows=rows,
            platform=self._engine.platform,
        )

    def _too_long(self, prompt: FittedPrompt) -> Answer:
        why = (
            f"the prompt has {len(prompt.ids)} tokens without any passage; with max_new_tokens = "
            f"{self.settings.max_new_tokens} the model's window of {self._window} is exceeded"
        )
        return _failed(prompt, why, None)


def _failed(prompt: FittedPrompt, why: str, rows: int | None) -> Answer:
    return Answer(
        text="",
        finish="error",
        error=why,
        prompt_tokens=len(prompt.ids),
        passages_dropped=prompt.passages_dropped,
        batch_rows=rows,
    )


def _no_row(drawn: _Drawn) -> Row | None:
    return None


def _of_batch(each: Sequence[Sampling | None]) -> Sampling | None:
    """How the rows of a batch are drawn together; its seed is that of all of theirs.

    Raises:
        GenerationError: they are to be drawn differently.
    """
    drawn = [of for of in each if of is not None]
    if not drawn:
        return None
    if len(drawn) < len(each) or len({(of.temperature, of.top_p) for of in drawn}) > 1:
        raise GenerationError("a batch cannot be sampled at several temperatures; cut it apart")
    seed = int(fingerprint([of.seed for of in drawn])[:8], 16)
    return replace(drawn[0], seed=seed)


def _end_ids(model: Any) -> frozenset[int]:
    """End tokens of the model's configuration and of its generation configuration."""
    ends: set[int] = set()
    for config in (model.config.get_text_config(), model.generation_config):
        value = getattr(config, "eos_token_id", None)
        ends.update(value if isinstance(value, list) else [] if value is None else [value])
    return frozenset(ends)


def _check_vocabulary(model: Any, prompts: Sequence[FittedPrompt]) -> None:
    """An index beyond the embedding is a crash on the CPU and worse on a GPU."""
    size = model.get_input_embeddings().weight.shape[0]
    highest = max(max(prompt.ids) for prompt in prompts)
    if highest >= size:
        raise GenerationError(
            f"the tokenizer gives token {highest}, but the model embeds only {size}; save an "
            "adapter with added tokens together with its embeddings (save_embedding_layers=True), "
            "or merge it into its base"
        )
