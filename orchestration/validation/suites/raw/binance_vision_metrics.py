"""Five-minute derivatives metrics from the archive. A ratio may be missing; it is never negative."""

from __future__ import annotations

from ingestion.sources.binance_vision.models import METRICS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured, never
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    METRICS,
    no_future("create_time", "create_time at time zone 'UTC'"),
    never(
        "stamp_outside_its_file",
        "create_time < file_date or create_time > file_date + interval 1 day + interval 5 minute",
        why="a daily file holds one UTC day",
        quarantine=True,
    ),
    measured(
        "days_since_newest_file",
        "select {night} - max(file_date) from {table}",
        None,
        2,
        why="the archive adds a day every day",
    ),
)
