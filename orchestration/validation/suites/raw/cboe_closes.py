"""Closes of two indices, a check of the other providers every night."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, measured
from orchestration.validation.suites.deliveries import raw_close_rules

SUITE = Suite(
    "raw",
    "cboe_closes",
    key=("symbol", "session_date"),
    slice=NewBatches(),
    expectations=(
        *raw_close_rules(),
        measured(
            "days_since_newest_session",
            "select {night} - max(session_date) from {table}",
            None,
            5,
            why="the longest closure of XNYS in a normal year is four days",
        ),
    ),
)
