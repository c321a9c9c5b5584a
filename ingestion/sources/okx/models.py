"""Rows of OKX's trading statistics. Stamps are UTC moments as delivered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

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
        "contract": "varchar",
        "ratio_kind": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "ratio": "double",
        "buy_volume_usd": "double",
        "sell_volume_usd": "double",
    },
    ("contract", "ratio_kind", "period", "timestamp"),
)
OPEN_INTEREST = RawTable(
    "okx_open_interest",
    {
        "contract": "varchar",
        "period": "varchar",
        "timestamp": "timestamptz",
        "open_interest": "double",
        "open_interest_coins": "double",
        "open_interest_usd": "double",
    },
    ("contract", "period", "timestamp"),
)
FUNDING = RawTable(
    "okx_funding",
    {
        "contract": "varchar",
        "funding_minute": "timestamptz",
        "funding_time": "timestamptz",
        "funding_rate": "double",
        "realized_rate": "double",
    },
    ("contract", "funding_minute"),
)
