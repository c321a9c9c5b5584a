"""Facts that this project decides: which series, coins, perpetuals, tokens and wallets there are; their only place."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

_OptionalDate = Annotated[date | None, BeforeValidator(lambda text: text or None)]


class Perpetual(BaseModel):
    """A USD-margined perpetual, its first day under this name and the first day on which that no longer holds."""

    model_config = ConfigDict(frozen=True)

    perpetual: str
    coin_id: str
    coins_per_contract: int
    valid_from: _OptionalDate
    valid_to: _OptionalDate

    def is_valid(self, day: date) -> bool:
        """Whether the perpetual was listed that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@cache
def perpetuals() -> tuple[Perpetual, ...]:
    """The perpetuals that are collected."""
    return tuple(Perpetual.model_validate(row) for row in _rows("perpetuals"))


def listed_perpetuals() -> dict[str, Callable[[date], bool]]:
    """Each perpetual with whether its name stood for any contract on a day: a name can be given again to another."""
    named: dict[str, list[Perpetual]] = {}
    for each in perpetuals():
        named.setdefault(each.perpetual, []).append(each)
    return {name: partial(_is_any_valid, rows) for name, rows in named.items()}


def _is_any_valid(rows: list[Perpetual], day: date) -> bool:
    return any(row.is_valid(day) for row in rows)


@cache
def venue_contracts(venue: str) -> dict[str, str]:
    """What another venue calls the contract on the coin of a perpetual: perpetual → contract. No rule gives it."""
    return {row["perpetual"]: row["contract"] for row in _rows("venue_contracts") if row["venue"] == venue}


@cache
def tokens() -> tuple[dict[str, str], ...]:
    """The token contracts with their coins, as the file has them."""
    return tuple(_rows("tokens"))


@cache
def contracts(chain: str) -> tuple[str, ...]:
    """The token contracts of a chain, legacy ones included: a migrated token still moves."""
    return tuple(row["contract"].lower() for row in tokens() if row["chain"] == chain)


@cache
def wallets(chain: str) -> tuple[str, ...]:
    """The labelled exchange wallets of a chain in the project's own list, sorted."""
    return tuple(sorted(address for address, (kind, _) in labels(chain).items() if kind == "exchange"))


@cache
def labels(chain: str) -> dict[str, tuple[str, str]]:
    """Every label of a chain in the project's own list: address → what kind of wallet it is, and whose."""
    rows = (row for row in _rows("exchange_wallets") if row["chain"] == chain)
    return {row["address"].lower(): (row["kind"], row["exchange"]) for row in rows}


def exchange_wallets() -> bytes:
    """The project's own list of labelled wallets, as it lies here."""
    return _path("exchange_wallets").read_bytes()


@cache
def equity_symbols(provider: str, dataset: str) -> dict[str, str]:
    """The equity series of a dataset: our symbol → the provider's, in the order of asking."""
    return {
        row["symbol"]: row["provider_symbol"]
        for row in _rows("equity_symbols")
        if (row["provider"], row["dataset"]) == (provider, dataset)
    }


def _rows(name: str) -> list[dict[str, Any]]:
    with _path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _path(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.csv")
