"""Frozen records that flow between the rooms. No third-party import, no behaviour beyond reading.

Terms are those of the field and have one meaning each: a *variant* is a system under test (the
baseline is one too), a *hit* is a ranked passage, a *score* is a metric's value in [0, 1].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

QuestionType = Literal["factoid", "yesno", "list", "number", "date", "summary"]
Role = Literal["primary", "guard"]
Outcome = Literal["PASS", "REGRESSION", "INCONCLUSIVE"]
Status = Literal["scored", "not_applicable", "missing"]
Finish = Literal["stop", "length", "recorded", "error"]

_TEMPLATE_FIELDS = re.compile(r"(\{context\}|\{question\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class QAExample:
    """A question with what is needed to judge an answer to it."""

    id: str
    question: str
    references: tuple[str, ...]
    """Reference answers; the first is the fullest, the others are accepted alternatives."""
    facts: tuple[str, ...] = ()
    """Statements that an answer must contain to be complete."""
    relevant: tuple[str, ...] = ()
    """Ids of the passages that hold the answer."""
    document: str | None = None
    """The cluster: questions on one document are not independent. None: its own cluster."""
    answerable: bool = True
    type: QuestionType | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A unit of corpus text, as it is retrieved and shown to the model."""

    id: str
    text: str
    title: str = ""
    document: str | None = None
    parent: str | None = None
    """Id of the corpus line that it was cut from; None for a passage that is a whole line."""

    @property
    def source(self) -> str:
        """The id that relevance is stated by: the parent's, or its own."""
        return self.id if self.parent is None else self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A retrieved passage; lists of hits are ordered best first."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a generator is asked: templates, question and passages, still apart.

    They stay apart because only the generator knows its window: a prompt that is too long loses
    whole passages from the end, never half of one.
    """

    system: str
    """System message; empty for none."""
    user: str
    """Template of the user message with ``{context}`` and ``{question}``."""
    question: str
    passages: tuple[Passage, ...] = ()

    def messages(self, keep: int | None = None) -> list[dict[str, str]]:
        """Chat messages over the first `keep` passages (all of them by default)."""
        context = "\n\n".join(
            f"{p.title}\n{p.text}" if p.title else p.text for p in self.passages[:keep]
        )
        # One pass over the template: a passage that contains "{question}" stays as it is.
        parts = {"{context}": context, "{question}": self.question}
        pieces = _TEMPLATE_FIELDS.split(self.user)
        user = "".join(parts.get(piece, piece) for piece in pieces)
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": user}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question put to a generator; recorded answers are found by suite and id."""

    suite: str
    id: str
    prompt: Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a variant answered, with what happened on the way."""

    text: str
    finish: Finish
    """``length``: cut at max_new_tokens; ``error``: nothing was generated, `error` says why."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    passages_dropped: int = 0
    """Passages left out, from the end, because the prompt exceeded the model's window."""
    batch_rows: int | None = None
    """Rows in the batch that it was computed in, after any halving for memory."""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A metric's value for one answer: a number in [0, 1], not applicable, or missing."""

    metric: str
    value: float | None
    """In [0, 1]; None unless `status` is ``scored``."""
    status: Status = "scored"
    reason: str = ""
    """Why the value is what it is, or why there is none."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    """Plain values behind the score (matched reference, facts covered and missed, …)."""

    def __post_init__(self) -> None:
        if self.status == "scored":
            if self.value is None or not 0.0 <= self.value <= 1.0:
                raise ValueError(f"{self.metric}: a score is in [0, 1], got {self.value!r}")
        elif self.value is not None:
            raise ValueError(f"{self.metric}: a {self.status} score has no value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a judge sees: never which variant answered."""

    example: QAExample
    answer: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The rule that a comparison is held to."""

    metric: str
    role: Role
    margin: float = 0.05
    """Fraction of the metric's scale that a variant may lose, in (0, 1)."""
    margin_is_default: bool = True
    alpha: float = 0.05
    """One-sided error rate of a false PASS, and of a false REGRESSION."""
    looks: int | None = None
    """Announced number of looks at growing data; each spends alpha / looks. None: one assumed."""
    scale: float = 1.0
    """Width of the metric's scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScore:
    """Baseline's and variant's score for one question."""

    suite: str
    id: str
    cluster: str
    baseline: Score
    variant: Score
    relevant_retrieved: bool | None = None
    """Whether a relevant passage was among the hits; None when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Paired scores of one metric on one suite or on a pool of suites."""

    metric: str
    baseline: str
    variant: str
    suites: tuple[str, ...]
    pairs: tuple[PairedScore, ...]
    limited: bool = False
    """Only the first questions of each suite were asked (`--ragft-limit`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision on one comparison, with the bounds that it rests on (score units)."""

    outcome: Outcome
    reason: str
    """Empty for PASS and REGRESSION, else ``missing``, ``limited``, ``floor``, ``worse`` or
    ``underpowered``."""
    estimate: float
    """Question-weighted mean of variant − baseline."""
    lower: float
    upper: float
    n: int
    clusters: int
    kish_clusters: float
    margin: float
    alpha: float
    """Per bound, after any split over looks and guards."""
    standard_error: float
    design_effect: float
    questions_needed: int
    """n₀: with fewer questions no data at all can PASS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLabels:
    """Human labels for both answers of some questions, a random part of a comparison's pairs."""

    metric: str
    pairs: Mapping[tuple[str, str], tuple[float, float]]
    """Baseline's and variant's label in [0, 1], averaged over raters, by suite and question id."""
    incomplete: int = 0
    """Drawn questions of which fewer than both answers are labelled: not among `pairs`."""
    raters: int = 1
    rater_alpha: float | None = None
    """Krippendorff's alpha between raters (interval level); None where it is undefined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What human labels for a random part of the pairs say about a judge's verdict."""

    judged: Verdict
    """By the judge's scores alone; the verdict of the result is the one that decides."""
    corrected: Verdict
    """By the labels and the judge; n and clusters count the labelled questions."""
    decided_by: Literal["labels", "judge"]
    """``judge`` only where the judge found a REGRESSION and the labels are too few to object."""
    labelled: int
    others: int
    """Questions that only the judge has scored."""
    incomplete: int
    """Drawn questions that are not labelled on both sides."""
    weight: float
    """Of the judge's differences, in [0, 1]; 0: the labels alone count."""
    bias: float
    """Mean of judged less labelled difference; positive where the judge favours the variant."""
    bias_lower: float
    bias_upper: float
    raters: int
    rater_alpha: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A question or document whose score moved, for people who look into a verdict."""

    suite: str
    id: str
    baseline: float
    """The baseline's score, or its mean over a document's questions."""
    variant: float
    difference: float
    n: int = 1
    """Questions behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Means over a part of the questions, such as those with a relevant passage retrieved."""

    name: str
    n: int
    baseline: float
    variant: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """A gate's verdict with all that a report shows about it."""

    gate: Gate
    node_id: str
    variant: str
    baseline: str
    suites: tuple[str, ...]
    pooled: bool
    verdict: Verdict
    blocks: bool
    """Whether the verdict stops the deploy under the gate's role."""
    explanation: str
    """One sentence for people: what was found and what would change it."""
    baseline_mean: float | None
    variant_mean: float | None
    baseline_missing: int
    variant_missing: int
    not_applicable: int
    worst_case: tuple[float, float] | None
    """Bounds with every missing score at its worst; None when none is missing."""
    detectable_drop: float | None
    """Smallest true drop that this run would have found with 80 % power, in score units."""
    questions_to_decide: int | None
    """About how many questions would decide; None when decided, or when more would not help."""
    severe_share: float
    """Share of questions that lost half of the scale or more."""
    severe_upper: float
    """Exact (Clopper–Pearson) upper bound of that share at the gate's alpha."""
    questions: tuple[Mover, ...]
    documents: tuple[Mover, ...]
    strata: tuple[Stratum, ...]
    correction: Correction | None = None
    """None without human labels: the verdict is valid for the judge's score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFacts:
    """What a report says about a suite."""

    name: str
    path: str
    fingerprint: str
    questions: int
    unanswerable: int
    documents: int
    passages: int
    clustered: bool
    """False when questions name no document, so that each counts as its own cluster."""
    retriever: str
    retrieval: Mapping[str, float]
    """recall@k, mrr and ndcg@k over the questions that name relevant passages."""
    notes: tuple[str, ...] = ()
    """Such as ``ties are unordered``, or that the index changed since the saved baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantFacts:
    """What a report says about a variant."""

    name: str
    spec: str
    role: Literal["baseline", "variant"]
    fingerprint: str
    notes: tuple[str, ...] = ()
    """Such as ``base unverified``, or passages dropped from long prompts."""
    answers: int = 0
    computed: int = 0
    """Answers computed in this run; the others came from the store."""
    cut: int = 0
    """Answers that ended at max_new_tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStyle:
    """How a variant's answers look beside the baseline's, which may sway a judge."""

    variant: str
    n: int
    baseline_words: float
    """Mean number of words."""
    variant_words: float
    lower: float
    """Of the mean difference in words, two-sided 95 % together with `upper`."""
    upper: float
    baseline_markup: float
    """Share of answers with lists, headings or emphasis."""
    variant_markup: float
    notable: bool
    """Whether the answers differ enough for a judge's bias to matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """An answer on which the judges of a jury are far apart."""

    suite: str
    id: str
    variant: str
    metric: str
    judges: Mapping[str, float]
    """Each judge's value in [0, 1]."""
    spread: float
    """Largest less smallest value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeUsage:
    """What a run's calls to a judge behind an endpoint have cost."""

    calls: int
    failed: int
    """Calls that ended without a value."""
    retries: int
    """Requests beyond the first of each call."""
    reasked: int
    """Calls that repeat a question because the reply was malformed."""
    prompt_tokens: int
    """As the server counts them; 0 where it does not."""
    completion_tokens: int
    cost: float | None
    """By the prices of RAGFT_JUDGE_PRICES; None without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """All that the reports of one run are rendered from."""

    gates: tuple[GateResult, ...]
    gates_configured: int
    gates_deselected: int
    variants: tuple[VariantFacts, ...]
    suites: tuple[SuiteFacts, ...]
    judge: str
    judge_note: str
    """How far the judge is validated: ``valid for the judge's score`` without human labels."""
    on_inconclusive: Literal["fail", "warn"]
    limit: int | None
    errors: tuple[str, ...]
    """What could not be evaluated, one sentence each; never empty on a run that lost something."""
    version: str
    judge_usage: JudgeUsage | None = None
    """None for a judge without calls, and where all scores were kept."""
    styles: tuple[AnswerStyle, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    """Where the judges of a jury are furthest apart, first."""
    retrieval_gates: int = 0
    """Gates on retrieval among `gates_configured`."""
    retrieval_undecidable: tuple[str, ...] = ()
    """Metrics of gates on retrieval that have nothing to compare with but a saved baseline."""
