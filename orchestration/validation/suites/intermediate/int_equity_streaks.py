"""Runs of days in which small caps beat the market."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import streak_rules

SUITE = suite("intermediate", "int_equity_streaks", ChangedDays("session_date"), streak_rules())
