"""The rows of the claims about drawdowns, before they join the others."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import Whole

SUITE = passed_on("int_claims_drawdowns", Whole(), to="claim_measures")
