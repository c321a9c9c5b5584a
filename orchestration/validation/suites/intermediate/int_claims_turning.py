"""The rows of the claims about turning points and who leads, before they join the others."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "intermediate",
    "int_claims_turning",
    key=("claim_id", "metric"),
    slice=Whole(),
    expectations=claim_rules("C4"),
)
