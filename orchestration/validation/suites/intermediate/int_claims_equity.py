"""The rows of the claims about equities and totals, before they join the others."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "intermediate",
    "int_claims_equity",
    key=("claim_id", "metric"),
    slice=Whole(),
    expectations=claim_rules("C1", "C2", "C3"),
)
