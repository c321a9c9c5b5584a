"""The rows of the claims about drawdowns, before they join the others."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "intermediate",
    "int_claims_drawdowns",
    key=("claim_id", "metric"),
    slice=Whole(),
    expectations=claim_rules("C7"),
)
