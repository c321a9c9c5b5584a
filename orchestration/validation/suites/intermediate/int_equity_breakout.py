"""All-time highs and drawdowns, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_equity_breakout", ChangedDays("session_date"), to="equity_breakout")
