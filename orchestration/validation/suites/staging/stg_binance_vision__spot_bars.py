"""Spot bars that had closed by the end of the night's day."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_binance_vision__spot_bars",
    TouchedBy("binance_vision_klines", column="open_time", raw_column="open_time"),
    (
        never("closes_before_it_opens", "close_at <= open_time", why="a bar ends after it began"),
        never(
            "bar_not_closed_by_the_night",
            "close_at > ({night} + 1)::timestamptz",
            why="a price is known when its bar has closed",
        ),
    ),
)
