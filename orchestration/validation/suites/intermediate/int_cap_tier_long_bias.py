"""Long bias per tier, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import long_bias_rules

SUITE = suite("intermediate", "int_cap_tier_long_bias", ChangedDays("date"), long_bias_rules())
