"""Rows of Bybit's market data. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ingestion.warehouse.columns import FUNDING_RATE, moment, number, text
from ingestion.warehouse.raw import RawTable


class AccountRatioRow(BaseModel):
    """Shares of the accounts that are long and short (0 to 1, two to four decimals) over one hour."""

    model_config = ConfigDict(frozen=True)

    contract: str
    period: str
    timestamp: datetime
    buy_ratio: float | None = Field(ge=0, le=1)
    sell_ratio: float | None = Field(ge=0, le=1)


class OpenInterestRow(BaseModel):
    """Open contracts in the base coin at a moment: `open_interest` counts both sides, `single_open_interest` one.

    The one-sided figure is newer: old rows do not have it.
    """

    model_config = ConfigDict(frozen=True)

    contract: str
    period: str
    timestamp: datetime
    open_interest: float | None = Field(ge=0, allow_inf_nan=False)
    single_open_interest: float | None = Field(ge=0, allow_inf_nan=False)


class FundingRow(BaseModel):
    """One settlement: the rate longs pay to shorts, a fraction of the position."""

    model_config = ConfigDict(frozen=True)

    contract: str
    funding_minute: datetime
    funding_time: datetime
    funding_rate: float = Field(allow_inf_nan=False)


ACCOUNT_RATIO = RawTable(
    "bybit_account_ratio",
    {
        "contract": text("The venue's name of the perpetual."),
        "period": text("Length of a sample.", "1h"),
        "timestamp": moment("Start of the hour."),
        "buy_ratio": number("share", "Share of the accounts that are long.", low=0, high=1),
        "sell_ratio": number("share", "Share of the accounts that are short.", low=0, high=1),
    },
    ("contract", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "bybit_open_interest",
    {
        "contract": text("The venue's name of the perpetual."),
        "period": text("Distance of the samples.", "1h"),
        "timestamp": moment("Moment of the sample."),
        "open_interest": number("coins", "Open contracts, both sides.", low=0),
        "single_open_interest": number("coins", "One side of them; old rows do not have it.", low=0),
    },
    ("contract", "period", "timestamp"),
)
FUNDING = RawTable(
    "bybit_funding",
    {
        "contract": text("The venue's name of the perpetual."),
        "funding_minute": moment("Minute of the settlement; names it."),
        "funding_time": moment("Its moment as delivered."),
        "funding_rate": FUNDING_RATE,
    },
    ("contract", "funding_minute"),
)
