"""All-time highs and drawdowns, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import breakout_rules

SUITE = Suite(
    "intermediate",
    "int_equity_breakout",
    key=("symbol", "session_date"),
    slice=ChangedDays("session_date"),
    expectations=breakout_rules(),
)
