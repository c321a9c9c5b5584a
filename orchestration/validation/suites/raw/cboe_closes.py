"""Closes of two indices, a check of the other providers every night."""

from __future__ import annotations

from ingestion.sources.cboe.models import CLOSES
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured
from orchestration.validation.suites.deliveries import raw_close_rules

SUITE = raw_suite(
    CLOSES,
    *raw_close_rules(),
    measured(
        "days_since_newest_session",
        "select {night} - max(session_date) from {table}",
        None,
        5,
        why="the longest closure of XNYS in a normal year is four days",
    ),
)
