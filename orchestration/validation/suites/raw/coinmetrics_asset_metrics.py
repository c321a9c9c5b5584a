"""Daily asset metrics of the community API. A flow may be zero; no metric here may be negative."""

from __future__ import annotations

from ingestion.sources.coinmetrics.models import ASSET_METRICS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured, never
from orchestration.validation.suites.history import no_unit_jump

SUITE = raw_suite(
    ASSET_METRICS,
    no_unit_jump("value", "asset, metric", "date", "metric not like 'Flow%'", set_aside=False),
    never(
        "price_of_zero",
        "metric = 'PriceUSD' and value <= 0",
        why="a price is above zero",
        quarantine=True,
    ),
    measured(
        "days_since_newest_day",
        "select {night} - max(date) from {table}",
        None,
        3,
        why="the community tier is a day behind; more means it stopped",
    ),
)
