"""Rows of the asset metrics."""

from __future__ import annotations

from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

CAP_METRICS = ("PriceUSD", "CapMrktEstUSD", "CapMrktCurUSD", "SplyCur")
FLOW_METRICS = ("FlowInExNtv", "FlowOutExNtv", "SplyExNtv")
METRICS = (*CAP_METRICS, *FLOW_METRICS)
# One value of one metric. A null value: no data that day.
ASSET_METRICS = RawTable(
    "coinmetrics_asset_metrics",
    {
        "asset": text("The provider's name of the asset, in lower case."),
        "date": day("UTC day; the value is that of its close."),
        "metric": text("Which metric.", *METRICS),
        "value": number("USD or coins, as its metric", "Caps and prices in USD, supplies and flows in coins.", low=0),
        "status": text("The provider's: flash, later reviewed; null where it gives none."),
    },
    ("asset", "date", "metric"),
)
