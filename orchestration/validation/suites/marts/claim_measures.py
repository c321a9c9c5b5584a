"""Every measure behind the claims."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import claim_rules

SUITE = suite("marts", "claim_measures", ChangedDays("evaluation_date", ignoring=("as_of",)), claim_rules())
