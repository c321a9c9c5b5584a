"""Rows of the total-cap history and of the listings."""

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


class ListingRow(BaseModel):
    """One coin in the listing of one UTC day: `cmc_id` is the provider's key of a coin, tickers are used again.

    `cmc_rank` is as delivered: the provider drops rows without replacing them, so ranks can be missing. Price and
    market cap in USD, supply in coins; null is unknown.
    """

    model_config = ConfigDict(frozen=True)

    date: date
    cmc_id: int = Field(gt=0)
    cmc_rank: int = Field(gt=0)
    name: str = Field(min_length=1)
    symbol: str = Field(min_length=1)
    slug: str = Field(min_length=1)
    price_usd: float | None = Field(allow_inf_nan=False)
    market_cap_usd: float | None = Field(allow_inf_nan=False)
    circulating_supply: float | None = Field(allow_inf_nan=False)


LISTINGS = RawTable(
    "coinmarketcap_listings",
    {
        "date": "date",
        "cmc_id": "bigint",
        "cmc_rank": "integer",
        "name": "varchar",
        "symbol": "varchar",
        "slug": "varchar",
        "price_usd": "double",
        "market_cap_usd": "double",
        "circulating_supply": "double",
    },
    ("date", "cmc_id"),
)
