"""Rows of the total-cap history."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable


class TotalRow(BaseModel):
    """The total of one UTC day in USD, the share of bitcoin in per cent, the total without bitcoin in USD."""

    model_config = ConfigDict(frozen=True)

    date: date
    total_market_cap_usd: float = Field(allow_inf_nan=False)
    btc_dominance_pct: float | None = Field(allow_inf_nan=False)
    altcoin_market_cap_usd: float | None = Field(allow_inf_nan=False)
    quoted_at: AwareDatetime


TOTAL = RawTable(
    "coinmarketcap_total",
    {
        "date": "date",
        "total_market_cap_usd": "double",
        "btc_dominance_pct": "double",
        "altcoin_market_cap_usd": "double",
        "quoted_at": "timestamptz",
    },
    ("date",),
)
