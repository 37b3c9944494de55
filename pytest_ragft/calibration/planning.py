"""How many questions people must label before a gate can be corrected."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_ragft.gate.levels import level_of
from pytest_ragft.gate.pairs import applicable_pairs, is_complete, pair_bounds
from pytest_ragft.records import Comparison, Gate
from pytest_ragft.stats.planning import fewest_questions, labels_to_pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan:
    """What one gate would need."""

    fewest: int
    """n₀: with fewer labelled questions no gate passes."""
    questions: int
    """To which the metric applies."""
    scored: int
    """Of which both answers have a kept score."""
    alone: int | None
    """Labelled questions for a PASS with 80 % power if nothing changed, where the judge is of no
    help; None where even all would not suffice, or no score is kept."""
    helped: int | None
    """The same where the judge's differences agree with people's as calibrated."""
    correlation: float | None
    """Of these differences; None where no calibration knows it."""

    @property
    def suggested(self) -> int:
        """What to draw: the planned number, at most all questions."""
        wanted = self.alone if self.correlation is None else self.helped
        if not self.scored:
            wanted = self.fewest
        return min(self.questions if wanted is None else wanted, self.questions)


def plan_labels(gate: Gate, comparison: Comparison, *, correlation: float | None) -> LabelPlan:
    """What a primary gate would need of people.

    Args:
        gate: The rule.
        comparison: Scores as far as they are kept; they say how much differences spread.
        correlation: Between the judge's and people's differences, variant less baseline.
    """
    margin = gate.margin * gate.scale
    alpha = level_of(gate, size=None).alpha
    pairs = applicable_pairs(gate, comparison)
    complete = [pair for pair in pairs if is_complete(pair)]
    bounds = pair_bounds(complete, alpha=alpha, scale=gate.scale)

    def needed(r: float) -> int | None:
        return labels_to_pass(bounds, correlation=r, margin=margin, alpha=alpha, scale=gate.scale)

    return LabelPlan(
        fewest=fewest_questions(alpha, margin, gate.scale),
        questions=len(pairs),
        scored=len(complete),
        alone=needed(0.0),
        helped=None if correlation is None else needed(correlation),
        correlation=correlation,
    )
