"""A study at work: its suites, bases and store, each opened once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.finetuning.answers import answering
from pytest_ragft.finetuning.base import Base, open_base
from pytest_ragft.finetuning.forms import Retrieve
from pytest_ragft.finetuning.sources import retrieving
from pytest_ragft.finetuning.targets import Ask
from pytest_ragft.generation.source import open_source
from pytest_ragft.models.config import config_fingerprint
from pytest_ragft.models.identity import Memo, tokenizer_fingerprint, weights_fingerprint
from pytest_ragft.progress import Progress
from pytest_ragft.store import Store
from pytest_ragft.study.reading import spec_of
from pytest_ragft.study.records import Cell, StudyPlan
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.opening import Access

STORE = Path(".ragft", "store.sqlite")


class OpenedStudy:
    """A plan with what it is about.

    Args:
        plan: Of the study file.
        out: Folder that its models, answers and results lie in.
        progress: Shows long work.
        es_url: Of Elasticsearch, for the suites that search it.
        writes: Whether anything is kept; a dry run keeps nothing.
    """

    def __init__(
        self,
        plan: StudyPlan,
        out: Path,
        progress: Progress,
        *,
        es_url: str | None = None,
        writes: bool = True,
    ) -> None:
        self.plan = plan
        self.out = out
        self.progress = progress
        self.es_url = es_url
        self.writes = writes
        self.store = Store(out / STORE, mode="rw" if writes else "ro")
        self._bases: dict[str, Base] = {}

    def model(self, cell: Cell) -> Path:
        """The folder of a cell's model."""
        return self.out / "models" / cell.name

    def group(self, data: str, base: str) -> list[Cell]:
        """The cells of a data set and a base, in their order."""
        return [c for c in self.plan.cells if (c.data, c.base) == (data, base)]

    def suites(self, files: Iterable[Path]) -> list[Suite]:
        """The suites of some suite.toml of the plan."""
        return [self._suites[file] for file in files]

    def training(self, data: str) -> Suite:
        """What is taught of a data set."""
        return self._suites[self.plan.data[data].training]

    def asked(self, data: str) -> list[Suite]:
        """What every model of a data set is asked, its retention included."""
        return self.suites((*self.plan.data[data].gated, *self.plan.retention))

    @cached_property
    def _suites(self) -> Mapping[Path, Suite]:
        files = {file: None for each in self.plan.data.values() for file in each.gated}
        files |= {each.training: None for each in self.plan.data.values()}
        files |= dict.fromkeys(self.plan.retention)
        return {file: load_suite(file) for file in files}

    @cached_property
    def identities(self) -> Mapping[str, Mapping[str, str]]:
        """By base: what it is by content, whose weights are hashed once and remembered.

        Raises:
            SpecError: one is no full model.
        """
        return {base: self._identity(base) for base in dict.fromkeys(b for _, b in self.plan.bases)}

    def _identity(self, base: str) -> dict[str, str]:
        source = open_source(spec_of(self.plan, base), offline=False)
        if source.kind != "full":
            raise SpecError(
                f"{self.plan.file}: bases: {base!r} is not a model folder with safetensors "
                f"({source.kind}); training starts from a full model"
            )
        return {
            "weights": weights_fingerprint(source.path, Memo(self.store)),
            "config": config_fingerprint(source.path),
            "tokenizer": tokenizer_fingerprint(source.path),
        }

    def base(self, base: str) -> Base:
        """A base as it is trained; its weights are not loaded.

        Raises:
            SpecError: it is no full model.
            GenerationError: it has no chat template.
        """
        if base not in self._bases:
            self._bases[base] = open_base(spec_of(self.plan, base), memo=Memo(self.store))
        return self._bases[base]

    @cached_property
    def _access(self) -> Access:
        return Access(
            backend=None,
            url=self.es_url,
            environ=os.environ,
            store=self.store,
            progress=self.progress,
            places=[self.plan.file.parent],
        )

    @cached_property
    def retrieve(self) -> Retrieve:
        """What the suites' retrievers find."""
        return retrieving(self._access, self.store)

    @cached_property
    def ask(self) -> Ask:
        """Who writes targets that are not people's; a dry run takes those alone that are there."""
        return answering(
            self.store, environ=os.environ, progress=self.progress, offline=not self.writes
        )

    def close(self) -> None:
        """Close retrievers and store."""
        if "_access" in self.__dict__:
            self._access.close()
        self.store.close()
