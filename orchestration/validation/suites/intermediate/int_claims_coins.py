"""The rows of the claims about coins, before they join the others."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "intermediate",
    "int_claims_coins",
    key=("claim_id", "metric", "evaluation_date"),
    slice=Whole(),
    expectations=claim_rules("C5", "C6", "C8"),
)
