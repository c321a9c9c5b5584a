"""Long bias per tier, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_cap_tier_long_bias", ChangedDays("date"), to="cap_tier_long_bias")
