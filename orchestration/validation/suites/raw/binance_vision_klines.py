"""Spot bars from the archive."""

from __future__ import annotations

from ingestion.sources.binance_vision.models import KLINES
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured, never
from orchestration.validation.suites.history import no_future, no_unit_jump

SUITE = raw_suite(
    KLINES,
    no_future("open_time"),
    no_unit_jump("close", "symbol, interval", "open_time"),
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
)
