"""What a model is taught to reply to a question: whose words the answer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_ragft.finetuning.forms import Prompts
from pytest_ragft.records import QAExample

ABSTENTION = "abstention"
PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An answer to teach."""

    text: str
    source: str
    """Whose words it is: ``people`` for the first reference, ``abstention``, or …"""


def of_people(examples: Sequence[QAExample], _: Prompts) -> dict[str, Target]:
    """The first reference of each question."""
    return {e.id: Target(text=e.references[0].strip(), source=PEOPLE) for e in examples}
