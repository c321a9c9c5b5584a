"""Rows of Cboe's files. Symbols are Cboe's own: `_SPX` in the bars, `SPX` and `RUT` in the closes."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

BARS = RawTable(
    "cboe_bars",
    {
        "symbol": text("Cboe's name of the series."),
        "session_date": day("Session of the New York exchanges."),
        "open": number("index points or USD", "First price of the session."),
        "high": number("index points or USD", "Highest price of the session."),
        "low": number("index points or USD", "Lowest price of the session."),
        "close": number("index points or USD", "Last price of the session.", required=True, above=0),
        "volume": number("shares", "Shares traded; 0 for an index."),
    },
    ("symbol", "session_date"),
)
CLOSES = RawTable(
    "cboe_closes",
    {
        "symbol": text("Cboe's name of the index."),
        "session_date": day("Session of the New York exchanges."),
        "close": number("index points", "Close of the index.", required=True, above=0),
    },
    ("symbol", "session_date"),
)


class BarRow(BaseModel):
    """One daily bar: USD or index points, volume in shares (0 for an index). A price of 0 stands for unknown: null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    open: float | None = Field(gt=0)
    high: float | None = Field(gt=0)
    low: float | None = Field(gt=0)
    close: float = Field(gt=0)
    volume: float | None = Field(ge=0)


class CloseRow(BaseModel):
    """One close of an index, in index points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    close: float = Field(gt=0, allow_inf_nan=False)
