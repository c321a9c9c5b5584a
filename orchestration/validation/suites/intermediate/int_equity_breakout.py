"""All-time highs and drawdowns, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import breakout_rules

SUITE = suite("intermediate", "int_equity_breakout", ChangedDays("session_date"), breakout_rules())
