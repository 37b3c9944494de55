"""Records of what a run found, as the reports show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_ragft.records.answering import Answer, Hit, Passage, QAExample
from pytest_ragft.records.knowledge import KnowledgeAxis
from pytest_ragft.records.scoring import Correction, Draw, Gate, Score, Slope, Verdict


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
class DrawsWorth:
    """What several answers a question did to a comparison, and what more of them would buy.

    It is about the variance of the differences over questions; documents that hang together are
    left out of account.
    """

    draws: int
    """Answers a question; the most of any."""
    questions: int
    """Those with several."""
    within: float
    """Share of the variance of one draw's differences that lies within questions, in [0, 1]."""
    worth: float
    """Questions with one draw that one with these draws is worth."""
    worth_doubled: float
    """The same of twice as many draws."""
    worth_most: float | None
    """The same of endlessly many; None where there is no bound."""


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
    """By the judge, or by people where their labels decide."""
    variant_mean: float | None
    baseline_missing: int
    variant_missing: int
    not_applicable: int
    worst_case: tuple[float, float] | None
    """Bounds with every missing score at its worst; None when none is missing."""
    pass_unchanged: float
    """Probability that a truly unchanged variant would PASS in a run like this one; 0 below the
    floor."""
    blocked_drop: float | None
    """True drop that would not PASS with a probability of 80 %, in score units; below 0 where a
    variant must be better to pass. None where nothing can PASS."""
    vetoed_drop: float | None
    """True drop that would be a REGRESSION with a probability of 80 %, in score units; None where
    there are too few questions or documents for one, or the drop lies beyond the scale."""
    can_veto: bool
    """Whether there are enough questions and documents for a REGRESSION."""
    questions_to_decide: int | None
    """About how many questions would decide with 80 % probability, if the estimate is the truth;
    None when decided, when more would not help, or when there are not so many to be labelled."""
    documents_to_decide: int | None
    """Documents that these would come in, if they are like those at hand."""
    severe_share: float
    """Share of questions that lost half of the scale or more, by whoever decides."""
    severe_upper: float
    """Upper bound of that share at `severe_alpha`, clustered by document."""
    severe_alpha: float
    """One-sided error rate of `severe_upper`."""
    pool: int
    """Questions that the gate was put to, whether or not the metric applies to them."""
    shared_documents: int
    """Documents that stand in more than one of the suites, and count once."""
    look: int | None
    """Which of the announced looks this is, from 1; None without any, and past the last."""
    slope: Slope | None
    """Of the judge's score on people's, from a calibration in force."""
    questions: tuple[Mover, ...]
    documents: tuple[Mover, ...]
    strata: tuple[Stratum, ...]
    correction: Correction | None = None
    """None without human labels: the verdict is valid for the judge's score."""
    draws: DrawsWorth | None = None
    """None where no question has several answers, or no difference varies."""


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
    unclustered: int
    """Questions without a document, each of which counts as its own cluster."""
    retriever: str
    retrieval: Mapping[str, float]
    """recall@k, mrr and ndcg@k over the questions that name relevant passages."""
    notes: tuple[str, ...] = ()
    """Such as ``ties are unordered``, or that the index changed since the saved baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointUsage:
    """What a run's calls to a judge or a model behind an endpoint have cost."""

    calls: int
    failed: int
    """Calls that ended without a value."""
    retries: int
    """Requests beyond the first of each call."""
    reasked: int
    """Calls that repeat a question because the reply was malformed."""
    prompt_tokens: int
    """As the server counts them."""
    completion_tokens: int
    uncounted: int = 0
    """Calls whose tokens the server did not count, or not in whole numbers."""
    cost: float | None
    """By the prices of RAGFT_JUDGE_PRICES or RAGFT_GENERATION_PRICES, of what was counted; None
    without them."""

    @property
    def uncounted_note(self) -> str:
        """What must be said beside tokens and cost; empty where every call was counted."""
        if not self.uncounted:
            return ""
        return (
            f", without {self.uncounted:,} of the calls: the server gave no usable count of tokens"
        )


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
    reasoned: int = 0
    """Answers with reasoning, which is not judged."""
    reasoning_words: float = 0.0
    """Mean number of words of these reasonings."""
    cut_thinking: int = 0
    """Answers of which there is only reasoning that never ended."""
    filtered: int = 0
    """Answers that a server's content filter cut or withheld."""
    usage: EndpointUsage | None = None
    """What a served model's calls in this run have cost; None for any other."""
    trained_on: tuple[str, ...] = ()
    """Suites that its `ragft.json` says it was taught by; empty where nothing says so."""


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
class Refusals:
    """How often a variant and the baseline decline to answer, over questions both answered."""

    variant: str
    answerable: int
    """Questions that have an answer."""
    baseline_refused: int
    """Of these, those that the baseline declined."""
    variant_refused: int
    unanswerable: int
    """Questions that have none, where declining is right."""
    baseline_abstained: int
    variant_abstained: int


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
class HandWrittenGate:
    """A hand-written test that compared a variant with the baseline, and ran."""

    node_id: str
    variant: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCase:
    """A question of a suite with a variant's and the baseline's judged answers."""

    suite: str
    example: QAExample
    variant: str
    hits: tuple[Hit, ...]
    passages: tuple[Passage, ...]
    """Those of the hits, as every variant was shown them."""
    answer: Answer
    scores: Mapping[str, Score]
    """The variant's scores by metric."""
    baseline_answer: Answer | None
    """None on a run without a baseline."""
    baseline_scores: Mapping[str, Score]
    draws: tuple[Draw, ...] = ()
    """The variant's answers where there are several: `answer` is the first, `scores` are means."""
    baseline_draws: tuple[Draw, ...] = ()
    """The baseline's."""


CaseKey = tuple[str, str, str]
"""Suite, question id and variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """All that the reports of one run are rendered from."""

    gates: tuple[GateResult, ...]
    gates_configured: int
    gates_deselected: int
    """Left out by the user's own narrowing of the run."""
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
    judge_usage: EndpointUsage | None = None
    """None for a judge without calls, and where all scores were kept."""
    styles: tuple[AnswerStyle, ...] = ()
    refusals: tuple[Refusals, ...] = ()
    """One a variant."""
    disagreements: tuple[Disagreement, ...] = ()
    """Where the judges of a jury are furthest apart, first."""
    retrieval_gates: int = 0
    """Gates on retrieval among `gates_configured`."""
    retrieval_undecidable: tuple[str, ...] = ()
    """Metrics of gates on retrieval that have nothing to compare with but a saved baseline."""
    retrieval_unput: tuple[str, ...] = ()
    """Those of `retrieval_undecidable` whose gate is primary: without it nothing is proven."""
    errors_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those of `errors` that concern a variant alone; the others concern all."""
    lost_of: Mapping[str, int] = field(default_factory=dict)
    """By variant: its gates that are neither decided nor deselected."""
    narrowed: tuple[str, ...] = ()
    """Options of the command line by which the user asked for a part of the tests."""
    ungated: tuple[str, ...] = ()
    """Why a gate could not be put to any variant, one sentence each with the remedy."""
    hand_written: tuple[HandWrittenGate, ...] = ()
    below_floor: Mapping[str, int] = field(default_factory=dict)
    """By variant: questions whose accuracy is below their suite's `question_floor`."""
    remarks: tuple[str, ...] = ()
    """What a reader must know about how the run was made up."""
    rule_notes: tuple[str, ...] = ()
    """Rules that are weaker than those of the saved baseline, one sentence each."""
    knowledge: KnowledgeAxis | None = None
    """None unless it was asked for, and in reports of before there was any."""
    cases: Mapping[CaseKey, AnsweredCase] = field(default_factory=dict, repr=False, compare=False)
    """Every question that a variant has answered, with all texts. Each is put together when it is
    asked for, so that thousands cost nothing until somebody reads them."""
