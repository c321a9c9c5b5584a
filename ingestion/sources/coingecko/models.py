"""Rows of the snapshots. `snapshot_date` is the day of the night that took it, not the moment of a price."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import count, day, moment, number, text
from ingestion.warehouse.raw import RawTable


class MarketRow(BaseModel):
    """One coin: price and cap in USD, supply and volume as delivered (supply in coins, volume in USD of 24 hours).
    A cap of 0 stands for an unknown supply; wrapped and bridged coins have no rank."""

    model_config = ConfigDict(frozen=True)

    snapshot_date: date
    coin_id: str = Field(min_length=1)
    symbol: str
    name: str
    current_price: float | None = Field(allow_inf_nan=False)
    market_cap: float | None = Field(allow_inf_nan=False)
    market_cap_rank: int | None = Field(ge=1, lt=2**31)
    circulating_supply: float | None = Field(allow_inf_nan=False)
    total_volume: float | None = Field(allow_inf_nan=False)
    last_updated: AwareDatetime | None


class GlobalRow(BaseModel):
    """The total cap in USD and the share of bitcoin in it, in per cent."""

    model_config = ConfigDict(frozen=True)

    snapshot_date: date
    total_market_cap_usd: float = Field(allow_inf_nan=False, gt=0)
    btc_dominance_pct: float | None = Field(allow_inf_nan=False, ge=0, le=100)
    active_cryptocurrencies: int | None = Field(ge=0, lt=2**31)
    updated_at: datetime


MARKETS = RawTable(
    "coingecko_markets",
    {
        "snapshot_date": day("Day of the night that took the snapshot."),
        "coin_id": text("CoinGecko's id of the coin."),
        "symbol": text("Ticker; not unique.", required=True),
        "name": text("Name of the coin."),
        "current_price": number("USD", "Price; null for a dead listing.", low=0),
        "market_cap": number("USD", "Market cap; 0 stands for an unknown supply.", low=0),
        "market_cap_rank": count("rank", "The provider's own rank; wrapped coins have none.", kind="integer", above=0),
        "circulating_supply": number("coins", "Coins in circulation; 0 is unknown."),
        "total_volume": number("USD", "Volume of 24 hours.", low=0),
        "last_updated": moment("Moment of the price."),
    },
    ("snapshot_date", "coin_id"),
)
GLOBAL = RawTable(
    "coingecko_global",
    {
        "snapshot_date": day("Day of the night that took the snapshot."),
        "total_market_cap_usd": number("USD", "Market cap of all coins.", required=True, above=0),
        "btc_dominance_pct": number("percent", "Share of Bitcoin in it.", low=0, high=100),
        "active_cryptocurrencies": count("coins counted", "Coins that the provider counts.", kind="integer"),
        "updated_at": moment("When the provider computed it."),
    },
    ("snapshot_date",),
)
