"""Rows of the futures REST API. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.raw import RawTable


class RatioRow(BaseModel):
    """A ratio of one perpetual over five minutes: longs / shorts with their shares, or buys / sells with their volumes.

    Shares are of accounts or positions (0 to 1), volumes in the contract's base units; what a kind lacks is null.
    """

    model_config = ConfigDict(frozen=True)

    symbol: str
    ratio_kind: str
    period: str
    timestamp: datetime
    label_convention: str
    ratio: float | None = Field(ge=0, allow_inf_nan=False)
    long_share: float | None = Field(default=None, ge=0, le=1)
    short_share: float | None = Field(default=None, ge=0, le=1)
    buy_volume: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    sell_volume: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class OpenInterestRow(BaseModel):
    """Open contracts of one perpetual at a moment, one side: in the contract's base units and in USDT."""

    model_config = ConfigDict(frozen=True)

    symbol: str
    period: str
    timestamp: datetime
    sum_open_interest: float | None = Field(ge=0, allow_inf_nan=False)
    sum_open_interest_value: float | None = Field(ge=0, allow_inf_nan=False)


class FundingRow(BaseModel):
    """One settlement: the rate longs pay to shorts (a fraction of the position), the mark price in USDT.

    `funding_time` jitters by some milliseconds, so `funding_minute` is what names a settlement.
    """

    model_config = ConfigDict(frozen=True)

    symbol: str
    funding_minute: datetime
    funding_time: datetime
    funding_rate: float = Field(allow_inf_nan=False)
    mark_price: float | None = Field(ge=0, allow_inf_nan=False)
    rate_type: str | None


RATIOS = RawTable(
    "binance_futures_ratios",
    {
        "symbol": "varchar",
        "ratio_kind": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "label_convention": "varchar",
        "ratio": "double",
        "long_share": "double",
        "short_share": "double",
        "buy_volume": "double",
        "sell_volume": "double",
    },
    ("symbol", "ratio_kind", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "binance_futures_open_interest",
    {
        "symbol": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "sum_open_interest": "double",
        "sum_open_interest_value": "double",
    },
    ("symbol", "period", "timestamp"),
)
FUNDING = RawTable(
    "binance_futures_funding",
    {
        "symbol": "varchar",
        "funding_minute": "timestamptz",
        "funding_time": "timestamptz",
        "funding_rate": "double",
        "mark_price": "double",
        "rate_type": "varchar",
    },
    ("symbol", "funding_minute"),
)
