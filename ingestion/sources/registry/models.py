"""Rows of the registry. A version is a whole list: a wallet that is no longer in the newest one is not labelled."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingestion.warehouse.columns import ADDRESS, count, day, moment, text
from ingestion.warehouse.raw import RawTable

VERSIONS = RawTable(
    "registry_versions",
    {
        "origin": text("Whose list it is.", "project", "operator"),
        "read_at": moment("When the list was first seen with this content."),
        "version": text("Hash of the list.", required=True),
        "wallets": count("addresses", "How many addresses it labels.", low=0),
    },
    ("origin", "read_at"),
)
WALLETS = RawTable(
    "registry_wallets",
    {
        "origin": text("Whose list it is.", "project", "operator"),
        "version": text("Hash of the list."),
        "chain": text("Chain of the address."),
        "address": text("20 bytes in lower case.", pattern=ADDRESS),
        "exchange": text("Whose wallet it is; null for a supply address."),
        "label": text("Its label in the source."),
        "kind": text(
            "A wallet of the exchange, what backs its pegged tokens, or where tokens are minted and burned.",
            *("exchange", "collateral", "supply"),
        ),
        "source": text("Where the label is from.", required=True),
        "known_from": day("First day on which the label was public.", required=True),
        "valid_from": day("First day on which it is true; null is open."),
        "valid_to": day("First day on which it is not true any more; null is open."),
    },
    ("origin", "version", "chain", "address"),
)
_Optional = BeforeValidator(lambda text: text or None)


def _iso_date(text: object) -> object:
    """Dates are written YYYY-MM-DD and in no other way."""
    if isinstance(text, str) and text and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("write the date as YYYY-MM-DD")
    return text or None


class WalletRow(BaseModel):
    """A labelled address. `kind`: exchange, a wallet of the exchange; collateral, what backs its pegged tokens;
    supply, where tokens are minted and burned. `known_from` is the first day on which the label was public;
    `valid_from` and `valid_to` the days (first one, first one after) on which it is true; empty is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(pattern=r"^0x[0-9a-f]{40}$")
    exchange: Annotated[str | None, _Optional] = Field(pattern=r"^[a-z0-9_]+$")
    label: str
    chain: Literal["ethereum"]
    kind: Literal["exchange", "collateral", "supply"]
    source: str = Field(min_length=1)
    known_from: Annotated[date, BeforeValidator(_iso_date)]
    valid_from: Annotated[date | None, BeforeValidator(_iso_date)]
    valid_to: Annotated[date | None, BeforeValidator(_iso_date)]

    @model_validator(mode="after")
    def _belongs_to_somebody(self) -> Self:
        if self.kind != "supply" and self.exchange is None:
            raise ValueError("a wallet belongs to an exchange: name it")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("the label ends before it begins")
        return self
