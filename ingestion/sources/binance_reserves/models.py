"""Rows of the proof of reserves."""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingestion.warehouse.columns import ADDRESS, text
from ingestion.warehouse.raw import RawTable

ETHEREUM = "ETH"
NETWORK_OF_CHAIN = {"ethereum": ETHEREUM}
ADDRESSES = RawTable(
    "binance_reserves_addresses",
    {
        "network": text("Binance's name of the network; ETH is Ethereum."),
        "address": text("The address as that network writes it; of Ethereum in lower case."),
        "custodian": text("Who holds it for Binance; null where Binance does."),
    },
    ("network", "address"),
)


class AddressRow(BaseModel):
    """An address on a network; `custodian` is null where Binance itself holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str = Field(min_length=1)
    address: str = Field(min_length=1)
    custodian: str | None = Field(min_length=1)

    @model_validator(mode="after")
    def _is_twenty_bytes_on_ethereum(self) -> Self:
        if self.network == ETHEREUM and not re.fullmatch(ADDRESS, self.address):
            raise ValueError(f"{self.address!r} is no address of Ethereum")
        return self
