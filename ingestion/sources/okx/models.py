"""Rows of OKX's trading statistics. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import FUNDING_RATE, RATIO_KIND, moment, number, text
from ingestion.warehouse.raw import RawTable


class RatioRow(BaseModel):
    """Longs / shorts of one swap over one hour, or for takers the volumes bought and sold in USD."""

    model_config = ConfigDict(frozen=True)

    contract: str
    ratio_kind: str
    period: str
    timestamp: datetime
    ratio: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    buy_volume_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    sell_volume_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class OpenInterestRow(BaseModel):
    """Open interest of one swap at a moment: in contracts, in coins and in USD."""

    model_config = ConfigDict(frozen=True)

    contract: str
    period: str
    timestamp: datetime
    open_interest: float | None = Field(ge=0, allow_inf_nan=False)
    open_interest_coins: float | None = Field(ge=0, allow_inf_nan=False)
    open_interest_usd: float | None = Field(ge=0, allow_inf_nan=False)


class FundingRow(BaseModel):
    """One settlement: the announced and the realised rate, fractions of the position."""

    model_config = ConfigDict(frozen=True)

    contract: str
    funding_minute: datetime
    funding_time: datetime
    funding_rate: float = Field(allow_inf_nan=False)
    realized_rate: float | None = Field(allow_inf_nan=False)


RATIOS = RawTable(
    "okx_ratios",
    {
        "contract": text("The venue's name of the swap."),
        "ratio_kind": RATIO_KIND,
        "period": text("Length of a sample.", "1H"),
        "timestamp": moment("Start of the hour."),
        "ratio": number("longs per short", "Longs over shorts; null for takers.", low=0, high=10_000),
        "buy_volume_usd": number("USD", "Volume that takers bought; null for other kinds.", low=0),
        "sell_volume_usd": number("USD", "Volume that takers sold; null for other kinds.", low=0),
    },
    ("contract", "ratio_kind", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "okx_open_interest",
    {
        "contract": text("The venue's name of the swap."),
        "period": text("Distance of the samples.", "1H"),
        "timestamp": moment("Moment of the sample."),
        "open_interest": number("contracts", "Open contracts, one side.", low=0),
        "open_interest_coins": number("coins", "The coins in them.", low=0),
        "open_interest_usd": number("USD", "Their value.", low=0),
    },
    ("contract", "period", "timestamp"),
)
FUNDING = RawTable(
    "okx_funding",
    {
        "contract": text("The venue's name of the swap."),
        "funding_minute": moment("Minute of the settlement; names it."),
        "funding_time": moment("Its moment as delivered."),
        "funding_rate": FUNDING_RATE,
        "realized_rate": number("fraction of the position", "The rate that was paid, where it differs."),
    },
    ("contract", "funding_minute"),
)
