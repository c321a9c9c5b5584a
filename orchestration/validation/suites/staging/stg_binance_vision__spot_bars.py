"""Spot bars that had closed by the end of the night's day."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, measured, never

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
        measured(
            "hours_missing_of_thirty_days",
            "select max(missing) from ("
            "select date_diff('hour', min(open_time), max(open_time)) + 1 - count(*) as missing "
            "from {table} where bar_interval = '1h' and open_time >= {night} - 30 group by symbol)",
            None,
            0,
            why="a market that never closes has a bar every hour, at weekends too",
        ),
    ),
)
