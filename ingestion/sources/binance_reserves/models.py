"""Rows of the proof of reserves."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingestion.warehouse.columns import text
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

    network: str = Field(pattern=r"^[0-9A-Za-z_.-]{1,40}$")
    address: str = Field(pattern=r"^\S{10,200}$")
    custodian: str | None = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _is_twenty_bytes_on_ethereum(self) -> Self:
        digits = self.address.removeprefix("0x")
        if self.network == ETHEREUM and not (len(digits) == 40 and set(digits) <= set("0123456789abcdef")):  # noqa: PLR2004
            raise ValueError(f"{self.address!r} is no address of Ethereum")
        return self
