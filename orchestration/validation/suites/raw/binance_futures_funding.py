"""Funding settlements by REST."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, measured
from orchestration.validation.suites.shared import settlement_rules

SUITE = Suite(
    "raw",
    "binance_futures_funding",
    key=("symbol", "funding_minute"),
    slice=NewBatches(),
    expectations=(
        *settlement_rules(subject="symbol"),
        between("mark_price", 0, None, why="a price is not negative", quarantine=True),
        measured(
            "days_since_newest_settlement",
            "select {night} - max(cast(funding_minute as date)) from {table}",
            None,
            1,
            why="perpetuals settle every eight hours or oftener",
        ),
    ),
)
