"""Daily bars of indices and funds. Not judged: an index's `volume` is not its own, and `adj_close` is restated."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, measured
from orchestration.validation.suites.deliveries import raw_bar_rules

SUITE = Suite(
    "raw",
    "yahoo_chart",
    key=("symbol", "session_date"),
    slice=NewBatches(),
    expectations=(
        *raw_bar_rules(),
        measured(
            "days_since_newest_session",
            "select {night} - max(session_date) from {table}",
            None,
            5,
            why="the longest closure of XNYS in a normal year is four days",
        ),
    ),
)
