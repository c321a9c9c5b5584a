"""Rows of Nasdaq's historical quotes."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable

BARS = RawTable(
    "nasdaq_bars",
    {
        "symbol": "varchar",
        "session_date": "date",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "volume": "bigint",
    },
    ("symbol", "session_date"),
)


class BarRow(BaseModel):
    """One daily bar of a fund: prices in USD, volume in shares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    open: float | None = Field(gt=0)
    high: float | None = Field(gt=0)
    low: float | None = Field(gt=0)
    close: float = Field(gt=0)
    volume: int | None = Field(ge=0, lt=2**63)
