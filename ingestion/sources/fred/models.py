"""Rows of FRED's series."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable

CLOSES = RawTable(
    "fred_closes", {"symbol": "varchar", "session_date": "date", "close": "double"}, ("symbol", "session_date")
)


class CloseRow(BaseModel):
    """One close in index points, rounded to two decimals by the provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    session_date: date
    close: float = Field(gt=0, allow_inf_nan=False)
