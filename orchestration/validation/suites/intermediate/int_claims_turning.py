"""The rows of the claims about turning points and who leads, before they join the others."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import Whole

SUITE = passed_on("int_claims_turning", Whole(), to="claim_measures")
