"""Bars of what Yahoo left out. They may be old: they are asked for where there is a gap and not every night."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_bar_rules

SUITE = Suite(
    "raw",
    "cboe_bars",
    key=("symbol", "session_date"),
    slice=NewBatches(),
    expectations=raw_bar_rules(),
)
