"""Rows of Bybit's market data. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

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
        "contract": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "buy_ratio": "double",
        "sell_ratio": "double",
    },
    ("contract", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "bybit_open_interest",
    {
        "contract": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "open_interest": "double",
        "single_open_interest": "double",
    },
    ("contract", "period", "timestamp"),
)
FUNDING = RawTable(
    "bybit_funding",
    {
        "contract": "varchar",
        "funding_minute": "timestamptz",
        "funding_time": "timestamptz",
        "funding_rate": "double",
    },
    ("contract", "funding_minute"),
)
