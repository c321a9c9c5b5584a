"""Rows of the snapshots. `snapshot_date` is the day of the night that took it, not the moment of a price."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

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
        "snapshot_date": "date",
        "coin_id": "varchar",
        "symbol": "varchar",
        "name": "varchar",
        "current_price": "double",
        "market_cap": "double",
        "market_cap_rank": "integer",
        "circulating_supply": "double",
        "total_volume": "double",
        "last_updated": "timestamptz",
    },
    ("snapshot_date", "coin_id"),
)
GLOBAL = RawTable(
    "coingecko_global",
    {
        "snapshot_date": "date",
        "total_market_cap_usd": "double",
        "btc_dominance_pct": "double",
        "active_cryptocurrencies": "integer",
        "updated_at": "timestamptz",
    },
    ("snapshot_date",),
)
