"""The rows of the claims about patterns, cycles and events, before they join the others."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "intermediate",
    "int_claims_patterns",
    key=("claim_id", "metric"),
    slice=Whole(),
    expectations=claim_rules("C1", "C2", "C6", "C9", "C10"),
)
