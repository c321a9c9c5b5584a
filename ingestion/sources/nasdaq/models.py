"""Rows of Nasdaq's historical quotes."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import count, day, number, text
from ingestion.warehouse.raw import RawTable

BARS = RawTable(
    "nasdaq_bars",
    {
        "symbol": text("Nasdaq's name of the fund."),
        "session_date": day("Session of the New York exchanges."),
        "open": number("USD", "First price of the session."),
        "high": number("USD", "Highest price of the session."),
        "low": number("USD", "Lowest price of the session."),
        "close": number("USD", "Last price of the session.", required=True, above=0),
        "volume": count("shares", "Shares traded."),
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
