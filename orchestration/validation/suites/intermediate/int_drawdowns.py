"""Shares and quantiles of drawdowns by tier; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import drawdown_rules

SUITE = suite("intermediate", "int_drawdowns", ChangedDays("date"), drawdown_rules())
