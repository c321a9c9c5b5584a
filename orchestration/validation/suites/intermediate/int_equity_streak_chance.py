"""What chance alone would give for each streak."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_equity_streak_chance", ChangedDays("session_date"), to="equity_streaks")
