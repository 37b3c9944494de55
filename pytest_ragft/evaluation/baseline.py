"""Saved baselines: one JSON file with all that later runs compare with, meant to be committed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation import codec
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.keys import example_fingerprint
from pytest_ragft.evaluation.ranking import Rankings, depth_of
from pytest_ragft.records import CHECKS, Answer, Draw, Hit, Passage, Score, VariantFacts
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import Suite

SCHEMA = "pytest-ragft/baseline/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSuite:
    """A suite's part of a saved baseline."""

    dataset: str
    settings: str
    hits: Mapping[str, tuple[Hit, ...]]
    """Those that were shown."""
    rankings: Rankings
    """What `hits` are the first of."""
    texts: Mapping[str, Passage]
    """The passages that were shown."""
    answers: Mapping[str, Answer]
    scores: Mapping[str, Mapping[str, Score]]
    draws: Mapping[str, Mapping[int, Draw]]
    """Of the questions that were asked more than once."""
    drawn: Mapping[str, Any]
    """How answers were drawn, as `GenerationSettings.drawn` says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedBaseline:
    """A variant's answers and scores, kept from an earlier run."""

    name: str
    variant: VariantFacts
    judge: str
    judge_fingerprint: str
    suites: Mapping[str, SavedSuite]
    rules: Mapping[str, Any] | None = None
    """Those in force when it was saved, as JSON; None in a file of before they were kept."""

    def check(
        self,
        suites: Iterable[Suite],
        judge_fingerprint: str,
        judge_notes: Iterable[str] = (),
        metrics: Iterable[str] = (),
    ) -> None:
        """Refuse to be compared with something else than what it was built from.

        Args:
            suites: Of the run.
            judge_fingerprint: Identity of the run's judge.
            judge_notes: What is to be said about that, such as what its server does not grant.
            metrics: Of answers, that gates of the run are about.

        Raises:
            BaselineError: naming what differs and the remedy.
        """
        if self.judge_fingerprint != judge_fingerprint:
            notes = "".join(f" ({note})" for note in judge_notes)
            raise BaselineError(
                f"baseline {self.name!r} was judged by {self.judge!r} {self.judge_fingerprint[:8]}…"
                f", this run's judge is {judge_fingerprint[:8]}…{notes}; {self._remedy()}"
            )
        for suite in suites:
            saved = self._part(suite)
            self._compare(suite, "dataset", saved.dataset, dataset_fingerprint(suite))
            self._expect_same_draws(suite, saved)
            settings = settings_fingerprint(suite)
            self._compare(suite, "prompt and generation settings", saved.settings, settings)
            self._expect_whole(suite, saved)
            for metric in metrics:
                if any(not {metric, CHECKS} & of.keys() for of in saved.scores.values()):
                    raise BaselineError(
                        f"baseline {self.name!r} holds no scores of {metric!r} on the suite "
                        f"{suite.name!r}, which a gate is about; {self._remedy()}"
                    )

    def check_rankings(self, suite: Suite, metrics: Iterable[str]) -> None:
        """Refuse a comparison of retrieval alone that the saved rankings cannot give.

        Raises:
            BaselineError: other questions or relevant passages, or rankings that are not deep
                enough for one of the `metrics`.
        """
        saved = self._part(suite)
        self._compare(suite, "dataset", saved.dataset, dataset_fingerprint(suite))
        self._expect_whole(suite, saved)
        for metric in metrics:
            if (needed := depth_of(suite, metric)) > saved.rankings.depth:
                raise BaselineError(
                    f"baseline {self.name!r} holds {saved.rankings.depth} hits a question of the "
                    f"suite {suite.name!r}, the gate {metric!r} looks at {needed}; {self._remedy()}"
                )

    def _part(self, suite: Suite) -> SavedSuite:
        if suite.name not in self.suites:
            raise BaselineError(
                f"baseline {self.name!r} has no suite {suite.name!r} ({suite.path}); it has "
                f"{', '.join(map(repr, sorted(self.suites)))}; {self._remedy()}"
            )
        return self.suites[suite.name]

    def _compare(self, suite: Suite, what: str, then: str, now: str) -> None:
        if then != now:
            raise BaselineError(
                f"baseline {self.name!r} was built from {what} {then[:8]}…, the suite "
                f"{suite.name!r} has {now[:8]}…; {self._remedy()}"
            )

    def _expect_same_draws(self, suite: Suite, saved: SavedSuite) -> None:
        """A mean over other draws has other noise, and over other orders it is another question."""
        if saved.drawn != suite.generation.drawn:
            raise BaselineError(
                f"baseline {self.name!r} has {_drawn_text(saved.drawn)} on the suite "
                f"{suite.name!r}, which asks for {_drawn_text(suite.generation.drawn)} under "
                f"[generation]; set the same, or save it again with "
                f"--ragft-save-baseline={self.name}"
            )

    def _expect_whole(self, suite: Suite, saved: SavedSuite) -> None:
        """What names a dataset holds all of its questions, unless somebody took one out."""
        asked = {example.id for example in suite.examples}
        answered = (saved.answers, saved.scores) if suite.judged else ()
        for what in (saved.hits, saved.rankings.hits, *answered):
            if what.keys() != asked:
                odd = sorted(what.keys() ^ asked)
                raise BaselineError(
                    f"baseline {self.name!r} does not hold exactly the questions of the suite "
                    f"{suite.name!r}: {len(odd)} differ, such as {odd[0]!r}; restore the file, or "
                    f"save it again with --ragft-save-baseline={self.name}"
                )

    def _remedy(self) -> str:
        return f"review it, then save it again with --ragft-save-baseline={self.name}"


def dataset_fingerprint(suite: Suite) -> str:
    """Identity of a suite's questions with references, facts, relevance and clusters."""
    return fingerprint({e.id: example_fingerprint(e) for e in suite.examples})


def settings_fingerprint(suite: Suite) -> str:
    """Identity of what every variant is asked with, besides the passages."""
    return fingerprint(asdict(suite.prompt), suite.generation.plain())


def _drawn_text(drawn: Mapping[str, Any]) -> str:
    if not drawn:
        return "one greedy answer a question"
    return ", ".join(f"{name} = {value!r}" for name, value in drawn.items())


def baseline_path(root: Path, name: str) -> Path:
    """Where the baseline called `name` is kept under pytest's rootdir."""
    return root / ".ragft" / "baselines" / f"{name}.json"


def save_baseline(
    path: Path,
    evaluation: Evaluation,
    suites: Iterable[Suite],
    variant: VariantFacts,
    judge: tuple[str, str],
    *,
    rules: Mapping[str, Any] | None = None,
) -> None:
    """Keep `variant`'s hits, answers and scores on `suites`; the file is replaced in one step.

    Args:
        path: of the file.
        evaluation: holds them.
        suites: all that the baseline is about.
        variant: what it is a baseline of.
        judge: name and fingerprint.
        rules: in force, as values that JSON keeps: later runs say what got weaker. None: they
            then say that they cannot tell.

    Raises:
        BaselineError: an answer or a score is missing, or the file cannot be written.
    """
    content = {
        "schema": SCHEMA,
        "name": path.stem,
        # What its answers cost is told by the report of the run that made them.
        "variant": {n: value for n, value in asdict(variant).items() if n != "usage"},
        "judge": {"name": judge[0], "fingerprint": judge[1]},
        "rules": rules,
        "suites": {suite.name: _suite_content(evaluation, suite, variant) for suite in suites},
    }
    text = json.dumps(
        content | {"checksum": fingerprint(content)}, ensure_ascii=False, indent=1, allow_nan=False
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half of a surrogate pair, as a judge's reason may hold it, becomes its JSON escape.
        write_atomically(path, f"{text}\n".encode(errors="backslashreplace"))
    except OSError as error:
        raise BaselineError(
            f"baseline {str(path)!r} cannot be written: {error}; make the folder writable"
        ) from error


def load_baseline(path: Path) -> SavedBaseline:
    """A baseline that `save_baseline` kept.

    Raises:
        BaselineError: there is none, or it is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        others = ", ".join(sorted(p.stem for p in path.parent.glob("*.json"))) or "none"
        raise BaselineError(
            f"there is no saved baseline {path.stem!r} ({path}); saved here: {others}; "
            f"make it with --ragft-save-baseline={path.stem}"
        ) from None
    except (OSError, RecursionError, ValueError) as error:
        raise _damaged(path, error) from error
    try:
        checksum = content.pop("checksum")
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']!r}, expected {SCHEMA!r}")
        if checksum != fingerprint(content):
            raise ValueError("its checksum does not match its content")
        return _baseline(content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> BaselineError:
    return BaselineError(
        f"baseline {str(path)!r} is damaged: {error}; restore the file, or save it again with "
        f"--ragft-save-baseline={path.stem} --ragft-replace"
    )


def _suite_content(evaluation: Evaluation, suite: Suite, variant: VariantFacts) -> dict[str, Any]:
    arm = variant.name, suite.name
    answers, scores = evaluation.answers[arm], evaluation.scores[arm]
    draws = evaluation.draws[arm]
    missing = [
        e.id
        for e in (suite.examples if suite.judged else ())
        if e.id not in scores or _lacks_a_score(scores[e.id], draws.get(e.id, {}).values())
    ]
    if missing:
        raise BaselineError(
            f"a baseline must be complete: {len(missing)} questions of suite {suite.name!r} have "
            f"no score, such as {missing[0]!r}; see their test items for the reason"
        )
    hits, texts = evaluation.hits[suite.name], evaluation.texts[suite.name]
    rankings = evaluation.rankings[suite.name]
    used = dict.fromkeys(hit.passage_id for e in suite.examples for hit in hits[e.id])
    return {
        "dataset": dataset_fingerprint(suite),
        "settings": settings_fingerprint(suite),
        **({"drawn": suite.generation.drawn} if suite.generation.drawn else {}),
        "index": rankings.index,
        "depth": rankings.depth,
        "passages": {i: [texts[i].title, texts[i].text, texts[i].document] for i in used},
        "sources": dict(rankings.sources),
        "questions": {
            e.id: {
                "hits": codec.hits_to_plain(hits[e.id]),
                "further": codec.hits_to_plain(rankings.hits[e.id][len(hits[e.id]) :]),
                "answer": codec.answer_to_plain(answers[e.id]) if suite.judged else None,
                "scores": codec.scores_to_plain(scores[e.id]) if suite.judged else None,
                **({"draws": codec.draws_to_plain(draws[e.id])} if e.id in draws else {}),
            }
            for e in suite.examples
        },
    }


def _lacks_a_score(scores: Mapping[str, Score], draws: Iterable[Draw]) -> bool:
    every = [scores, *(draw.scores for draw in draws)]
    return any(score.status == "missing" for of in every for score in of.values())


def _baseline(content: Mapping[str, Any]) -> SavedBaseline:
    variant = content["variant"]
    return SavedBaseline(
        name=content["name"],
        variant=codec.variant_from(variant),
        judge=content["judge"]["name"],
        judge_fingerprint=content["judge"]["fingerprint"],
        suites={name: _suite(part) for name, part in content["suites"].items()},
        rules=content.get("rules"),
    )


def _suite(part: Mapping[str, Any]) -> SavedSuite:
    questions = part["questions"]
    hits = {i: codec.hits_from(q["hits"]) for i, q in questions.items()}
    for hit in (hit for ranking in hits.values() for hit in ranking):
        if hit.passage_id not in part["passages"]:
            raise ValueError(f"the text of the passage {hit.passage_id!r} is missing")
    rankings = _rankings(part, hits)
    return SavedSuite(
        dataset=part["dataset"],
        settings=part["settings"],
        hits=hits,
        rankings=rankings,
        texts={
            i: Passage(
                id=i, title=title, text=text, document=document, parent=rankings.sources.get(i)
            )
            for i, (title, text, document) in part["passages"].items()
        },
        answers=_answers(questions),
        scores={
            i: codec.scores_from(q["scores"])
            for i, q in questions.items()
            if q["scores"] is not None
        },
        draws={i: codec.draws_from(q["draws"]) for i, q in questions.items() if "draws" in q},
        drawn=part.get("drawn", {}),
    )


def _answers(questions: Mapping[str, Any]) -> dict[str, Answer]:
    answers = {
        i: codec.answer_from(q["answer"]) for i, q in questions.items() if q["answer"] is not None
    }
    for i, answer in answers.items():
        if answer.text != questions[i]["answer"].get("text"):
            raise BaselineError(
                f"a saved baseline's scores are of answers with their reasoning, such as that to "
                f"{i!r}; reasoning is no longer judged: save it again with --ragft-save-baseline"
            )
    return answers


def _rankings(part: Mapping[str, Any], hits: Mapping[str, tuple[Hit, ...]]) -> Rankings:
    """Files of before there were retrieval gates hold what was shown, and not how deep that is."""
    further = {i: codec.hits_from(q.get("further", ())) for i, q in part["questions"].items()}
    whole = {i: (*shown, *further[i]) for i, shown in hits.items()}
    for example_id, ranking in whole.items():
        if len({hit.passage_id for hit in ranking}) < len(ranking):
            raise ValueError(f"a passage stands twice among the hits of {example_id!r}")
    longest = max(map(len, whole.values()), default=0)
    return Rankings(
        hits=whole,
        depth=part.get("depth", longest),
        sources=part.get("sources", {}),
        index=part.get("index"),
    )
