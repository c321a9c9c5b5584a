"""Rows of the exchange flows."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable

METRICS = ("netflow", "inflow", "outflow", "reserve")
EXCHANGE_FLOWS = RawTable(
    "cryptoquant_exchange_flows",
    {"token": "varchar", "exchange": "varchar", "metric": "varchar", "date": "date", "value": "double"},
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
