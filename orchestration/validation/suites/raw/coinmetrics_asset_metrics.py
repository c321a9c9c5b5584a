"""Daily asset metrics of the community API. A flow may be zero; no metric here may be negative."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, measured, never, one_of

SUITE = Suite(
    "raw",
    "coinmetrics_asset_metrics",
    key=("asset", "date", "metric"),
    slice=NewBatches(),
    expectations=(
        one_of(
            "metric",
            *("PriceUSD", "CapMrktEstUSD", "CapMrktCurUSD", "SplyCur", "FlowInExNtv", "FlowOutExNtv", "SplyExNtv"),
            why="the metrics that are asked for",
        ),
        between("value", 0, None, why="prices, caps, supplies and gross flows are not negative", quarantine=True),
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
    ),
)
