"""Trend of the long bias over caps, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between
from orchestration.validation.suites.shared import long_bias_trend_rules

SUITE = Suite(
    "intermediate",
    "int_long_bias_trend",
    key=("date", "ratio_kind"),
    slice=ChangedDays("date"),
    expectations=(
        *long_bias_trend_rules(),
        between("jt_statistic", 0, None, why="a count of ordered pairs"),
        between("jt_expected", 0, None, why="a count of ordered pairs"),
    ),
)
