"""Rows of the exchange flows. Two tables, because two kinds of truth: one is restated, the other never."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

# Our name of a metric → the provider's path.
METRICS = {
    "netflow": "/transactions/transfers_volume_exchanges_net",
    "inflow": "/transactions/transfers_volume_to_exchanges_sum",
    "outflow": "/transactions/transfers_volume_from_exchanges_sum",
}
_COLUMNS = {
    "asset": text("The provider's name of the token."),
    "exchange": text("The exchange."),
    "metric": text("A flow of the day; netflow is positive towards the exchange.", *METRICS),
    "date": day("UTC day."),
    "value": number("tokens", "Its value; null where the provider has none."),
}
_KEY = ("asset", "exchange", "metric", "date")
EXCHANGE_FLOWS = RawTable("glassnode_exchange_flows", _COLUMNS, _KEY)
EXCHANGE_FLOWS_PIT = RawTable("glassnode_exchange_flows_pit", _COLUMNS, _KEY)


class FlowRow(BaseModel):
    """One flow of a UTC day in tokens; netflow positive arrives at the exchange. A null value: no data that day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset: str
    exchange: str
    metric: str
    date: date
    value: float | None = Field(allow_inf_nan=False)
