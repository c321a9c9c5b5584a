"""Rows of the Yahoo chart endpoint."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import count, day, number, text
from ingestion.warehouse.raw import RawTable

CHART = RawTable(
    "yahoo_chart",
    {
        "symbol": text("Yahoo's name of the series; ^ marks an index."),
        "session_date": day("Session of the New York exchanges."),
        "open": number("index points or USD", "First price of the session."),
        "high": number("index points or USD", "Highest price of the session."),
        "low": number("index points or USD", "Lowest price of the session."),
        "close": number("index points or USD", "Last price of the session.", required=True, above=0),
        "adj_close": number("index points or USD", "Close adjusted for splits and dividends; restated at every one."),
        "volume": count("shares", "Shares traded; of an index not its own."),
    },
    ("symbol", "session_date"),
)


class ChartRow(BaseModel):
    """One daily bar as delivered. Prices in the listing's currency, split-adjusted and not dividend-adjusted;
    `adj_close` is adjusted for both and restated at every dividend; volume in shares (of an index: not its own)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    open: float | None = Field(allow_inf_nan=False)
    high: float | None = Field(allow_inf_nan=False)
    low: float | None = Field(allow_inf_nan=False)
    close: float = Field(allow_inf_nan=False, gt=0)
    adj_close: float | None = Field(allow_inf_nan=False)
    volume: int | None = Field(ge=0)
