"""Rows of the exchange flows."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

METRICS = ("netflow", "inflow", "outflow", "reserve")
EXCHANGE_FLOWS = RawTable(
    "cryptoquant_exchange_flows",
    {
        "token": text("Ticker of the token."),
        "exchange": text("The exchange, or all_exchange."),
        "metric": text("A flow of the day, positive towards the exchange, or the reserve at its end.", *METRICS),
        "date": day("UTC day."),
        "value": number("tokens", "Its value; null where the provider has none."),
    },
    ("token", "exchange", "metric", "date"),
)


class FlowRow(BaseModel):
    """One value of a UTC day in tokens: a flow of the day (netflow positive arrives at the exchange), or the reserve at
    its end. A null value: no data that day. The provider restates it for weeks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str
    exchange: str
    metric: str
    date: date
    value: float | None = Field(allow_inf_nan=False)
