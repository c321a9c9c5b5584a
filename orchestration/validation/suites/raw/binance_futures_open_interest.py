"""Open interest by REST, for days that the archive lacks. Zero is a known defect of this provider."""

from __future__ import annotations

from ingestion.sources.binance_futures.models import OPEN_INTEREST
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    OPEN_INTEREST,
    no_future("timestamp"),
    never(
        "nobody_holds_a_contract",
        "sum_open_interest = 0",
        why="a listed contract has positions; zero is read as unknown",
        severity="warning",
    ),
    whole_days(288, "symbol", day="cast(timestamp - interval 1 minute as date)"),
)
