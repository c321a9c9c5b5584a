"""Long bias per tier, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import long_bias_rules

SUITE = Suite(
    "intermediate",
    "int_cap_tier_long_bias",
    key=("date", "ratio_kind", "cap_tier"),
    slice=ChangedDays("date"),
    expectations=long_bias_rules(),
)
