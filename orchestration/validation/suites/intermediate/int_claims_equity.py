"""The rows of the claims about equities and totals, before they join the others."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole
from orchestration.validation.suites.shared import claim_rules

SUITE = suite("intermediate", "int_claims_equity", Whole(), claim_rules())
