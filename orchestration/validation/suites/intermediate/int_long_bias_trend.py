"""Trend of the long bias over caps, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_long_bias_trend", ChangedDays("date"), to="long_bias_trend")
