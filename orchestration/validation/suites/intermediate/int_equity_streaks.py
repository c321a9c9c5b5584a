"""Runs of days in which small caps beat the market."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import streak_rules

SUITE = Suite(
    "intermediate",
    "int_equity_streaks",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=streak_rules(),
)
