"""Runs of days in which small caps beat the market."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_equity_streaks", ChangedDays("session_date"), to="equity_streaks")
