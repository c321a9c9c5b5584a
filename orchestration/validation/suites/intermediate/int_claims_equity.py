"""The rows of the claims about equities and totals, before they join the others."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import Whole

SUITE = passed_on("int_claims_equity", Whole(), to="claim_measures")
