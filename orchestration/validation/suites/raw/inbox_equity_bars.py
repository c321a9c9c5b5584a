"""Bars of dropped files. A file may be wrong throughout: all of it goes to quarantine then, and the night goes on."""

from __future__ import annotations

from dataclasses import replace

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_bar_rules

SUITE = Suite(
    "raw",
    "inbox_equity_bars",
    key=("layout", "symbol", "session_date"),
    slice=NewBatches(),
    expectations=tuple(replace(rule, max_share=1.0) for rule in raw_bar_rules()),
)
