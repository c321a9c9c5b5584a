"""Spot bars from the archive."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, measured, never, one_of, positive

SUITE = Suite(
    "raw",
    "binance_vision_klines",
    key=("symbol", "interval", "open_time"),
    slice=NewBatches(),
    expectations=(
        one_of("interval", "1h", "1d", why="the two intervals that are asked for"),
        *(positive(price, why="a traded price is above zero", quarantine=True) for price in ("open", "close")),
        between("volume", 0, None, why="volume is counted from zero", quarantine=True),
        never(
            "prices_outside_range",
            "high < greatest(open, close) or low > least(open, close)",
            why="open and close lie between low and high",
            quarantine=True,
        ),
        never(
            "open_time_off_the_grid",
            "open_time <> date_trunc(case interval when '1d' then 'day' else 'hour' end, open_time)",
            why="a bar opens on the hour or at midnight UTC; an offset means milliseconds read as microseconds",
            quarantine=True,
        ),
        measured(
            "days_since_newest_bar",
            "select {night} - max(open_time)::date from {table}",
            None,
            2,
            why="the archive adds a day every day",
        ),
    ),
)
