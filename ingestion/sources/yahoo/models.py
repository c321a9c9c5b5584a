"""Rows of the Yahoo chart endpoint."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable

CHART = RawTable(
    "yahoo_chart",
    {
        "symbol": "varchar",
        "session_date": "date",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "adj_close": "double",
        "volume": "bigint",
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
