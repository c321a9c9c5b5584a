"""Every measure behind the claims."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, filled
from orchestration.validation.suites.shared import CLAIMS, claim_rules

SUITE = Suite(
    "marts",
    "claim_measures",
    key=("claim_id", "metric", "evaluation_date"),
    slice=ChangedDays("evaluation_date", ignoring=("as_of",)),
    expectations=(*claim_rules(*CLAIMS), filled("verdict_rule", why="a verdict is given with its rule")),
)
