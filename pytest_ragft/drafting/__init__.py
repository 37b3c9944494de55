"""A suite out of people's own questions and documents."""

from pytest_ragft.drafting.drafting import Draft, Reviewed, draft_suite
from pytest_ragft.drafting.folder import SuiteFolder

__all__ = ["Draft", "Reviewed", "SuiteFolder", "draft_suite"]
