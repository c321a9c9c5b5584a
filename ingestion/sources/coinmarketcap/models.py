"""Rows of the total-cap history and of the listings."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import count, day, moment, number, text
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
        "date": day("UTC day."),
        "total_market_cap_usd": number("USD", "Market cap of all coins.", required=True, above=0),
        "btc_dominance_pct": number("percent", "Share of Bitcoin in it.", low=0, high=100),
        "altcoin_market_cap_usd": number("USD", "The total without Bitcoin."),
        "quoted_at": moment("Moment of the quote."),
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
        "date": day("UTC day."),
        "cmc_id": count("id", "The provider's key of the coin."),
        "cmc_rank": count(
            "rank", "Rank as delivered; the provider drops rows, so ranks can be missing.", kind="integer", above=0
        ),
        "name": text("Name of the coin."),
        "symbol": text("Ticker; used again."),
        "slug": text("The coin in the provider's addresses."),
        "price_usd": number("USD", "Price at the end of the day; null is unknown.", low=0),
        "market_cap_usd": number("USD", "Market cap; zero and null are unknown.", low=0),
        "circulating_supply": number("coins", "Coins in circulation; null is unknown.", low=0),
    },
    ("date", "cmc_id"),
)
