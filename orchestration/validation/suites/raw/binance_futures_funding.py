"""Funding settlements by REST."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, measured

SUITE = Suite(
    "raw",
    "binance_futures_funding",
    key=("symbol", "funding_minute"),
    slice=NewBatches(),
    expectations=(
        filled("funding_rate", why="a settlement without a rate is none", quarantine=True),
        between("funding_rate", -0.05, 0.05, why="rates are capped at a few per cent a settlement", quarantine=True),
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
