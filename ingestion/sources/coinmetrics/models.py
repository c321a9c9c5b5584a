"""Rows of the asset metrics."""

from __future__ import annotations

from ingestion.warehouse.raw import RawTable

# One value of one metric. Caps and prices in USD at the close of `date` (UTC), `…Ntv` and supplies in the asset's own
# units. `status` is the provider's: flash, later reviewed; null where it gives none. A null value: no data that day.
ASSET_METRICS = RawTable(
    "coinmetrics_asset_metrics",
    {"asset": "varchar", "date": "date", "metric": "varchar", "value": "double", "status": "varchar"},
    ("asset", "date", "metric"),
)
CAP_METRICS = ("PriceUSD", "CapMrktEstUSD", "CapMrktCurUSD", "SplyCur")
FLOW_METRICS = ("FlowInExNtv", "FlowOutExNtv", "SplyExNtv")
METRICS = (*CAP_METRICS, *FLOW_METRICS)
