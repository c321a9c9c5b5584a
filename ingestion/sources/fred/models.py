"""Rows of FRED's series."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

CLOSES = RawTable(
    "fred_closes",
    {
        "symbol": text("FRED's name of the series."),
        "session_date": day("Session of the New York exchanges."),
        "close": number("index points", "Close, rounded to two decimals by the provider.", required=True, above=0),
    },
    ("symbol", "session_date"),
)


class CloseRow(BaseModel):
    """One close in index points, rounded to two decimals by the provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    close: float = Field(gt=0, allow_inf_nan=False)
