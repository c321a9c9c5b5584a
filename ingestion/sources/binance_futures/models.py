"""Rows of the futures REST API. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import FUNDING_RATE, RATIO_KIND, moment, number, text
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
        "symbol": text("The perpetual."),
        "ratio_kind": RATIO_KIND,
        "period": text("Length of a sample.", "5m"),
        "timestamp": moment("The stamp as delivered; label_convention says what it names."),
        "label_convention": text("Whether the stamp names the start or the end of its five minutes.", "start", "end"),
        "ratio": number("longs per short", "Longs over shorts, or buys over sells.", low=0, high=10_000),
        "long_share": number("share", "Share of accounts or positions that are long; null for takers."),
        "short_share": number("share", "Share of accounts or positions that are short; null for takers."),
        "buy_volume": number("contract base units", "Volume that takers bought; null for other kinds."),
        "sell_volume": number("contract base units", "Volume that takers sold; null for other kinds."),
    },
    ("symbol", "ratio_kind", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "binance_futures_open_interest",
    {
        "symbol": text("The perpetual."),
        "period": text("Distance of the samples.", "5m"),
        "timestamp": moment("Moment of the sample."),
        "sum_open_interest": number("contract base units", "Open contracts, one side.", low=0),
        "sum_open_interest_value": number("USDT", "Their value.", low=0),
    },
    ("symbol", "period", "timestamp"),
)
FUNDING = RawTable(
    "binance_futures_funding",
    {
        "symbol": text("The perpetual."),
        "funding_minute": moment("Minute of the settlement; names it."),
        "funding_time": moment("Its moment as delivered; jitters by milliseconds."),
        "funding_rate": FUNDING_RATE,
        "mark_price": number("USDT", "Mark price at the settlement.", low=0),
        "rate_type": text("The provider's word for the kind of rate; null where it gives none."),
    },
    ("symbol", "funding_minute"),
)
