"""Trend of the long bias over caps, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import long_bias_trend_rules

SUITE = suite("intermediate", "int_long_bias_trend", ChangedDays("date"), long_bias_trend_rules())
