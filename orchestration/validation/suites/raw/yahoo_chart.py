"""Daily bars of indices and funds. Not judged: an index's `volume` is not its own, and `adj_close` is restated."""

from __future__ import annotations

from ingestion.sources.yahoo.models import CHART
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured
from orchestration.validation.suites.deliveries import raw_bar_rules
from orchestration.validation.suites.history import no_unit_jump

SUITE = raw_suite(
    CHART,
    no_unit_jump("close", "symbol", "session_date"),
    *raw_bar_rules(),
    measured(
        "days_since_newest_session",
        "select {night} - max(session_date) from {table}",
        None,
        5,
        why="the longest closure of XNYS in a normal year is four days",
    ),
)
