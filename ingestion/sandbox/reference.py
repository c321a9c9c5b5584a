"""The reference facts a market is built on: the same files that ingestion and the models read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "reference"


@dataclass(frozen=True)
class Coin:
    """A coin as a price site lists it."""

    coin_id: str
    symbol: str
    name: str
    asset_class: str


@dataclass(frozen=True)
class Perpetual:
    """A futures contract on a coin; `1000X` contracts hold a thousand coins."""

    symbol: str
    coin_id: str
    coins_per_contract: int


@dataclass(frozen=True)
class VenueContract:
    """What another venue calls the contract on the coin of a perpetual."""

    contract: str
    perpetual: str


@dataclass(frozen=True)
class Token:
    """An ERC-20 contract of a coin."""

    contract: str
    coin_id: str
    symbol: str
    decimals: int


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one reference file."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def coins() -> list[Coin]:
    classes = {row["coin_id"]: row["asset_class"] for row in rows("exclusions")}
    return [
        Coin(row["coin_id"], row["symbol"], row["name"], classes.get(row["coin_id"], "coin")) for row in rows("coins")
    ]


def perpetuals() -> list[Perpetual]:
    """Contracts that still trade."""
    return [
        Perpetual(row["perpetual"], row["coin_id"], int(row["coins_per_contract"]))
        for row in rows("perpetuals")
        if not row["valid_to"]
    ]


def venue_contracts(venue: str) -> list[VenueContract]:
    return [
        VenueContract(row["contract"], row["perpetual"]) for row in rows("venue_contracts") if row["venue"] == venue
    ]


def tokens() -> list[Token]:
    return [Token(row["contract"], row["coin_id"], row["symbol"], int(row["decimals"])) for row in rows("tokens")]


def wallets() -> list[str]:
    return [row["address"] for row in rows("exchange_wallets") if row["kind"] == "exchange"]
