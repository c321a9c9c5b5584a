"""Who belongs to which exchange, read from this machine: the project's list, and the operator's in the home.

The operator's list is `wallets.csv` in the home. What a list held before stays, so that every flow can be computed with
the labels of any time. What Binance publishes of itself is asked of it (`binance_reserves`) and joined in `labelled`.
"""

from __future__ import annotations

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.sources.binance_reserves import dataset as binance_reserves
from ingestion.sources.binance_reserves.models import ADDRESSES, NETWORK_OF_CHAIN
from ingestion.sources.registry.models import VERSIONS, WALLETS
from ingestion.sources.registry.parse import COLUMNS, OPERATOR, PROJECT, parse_wallets, version_of
from ingestion.warehouse.raw import standing

FILE = "wallets.csv"
KEY = ("registry", "wallets")
NEEDED = (KEY, binance_reserves.KEY)
"""What has to be read before `labelled` knows the labels of a night."""


def wallets(entry: Entry) -> Dataset:
    """Both lists."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(VERSIONS, _version), Parsed(WALLETS, _wallets)),
        _plan,
        local=_read,
    )


def labelled(known: Known, chain: str) -> tuple[str, ...]:
    """The wallets of exchanges, sorted: of the newest version of each list, the project's own before any was read, and
    what an exchange publishes as its own. What a list says of an address counts before what the exchange says; what a
    gate has set aside labels nothing, here and in the models."""
    rows = known.read(f"""
        select address, kind from {standing(WALLETS.name)} join (
            select origin, arg_max(version, read_at) as version from {standing(VERSIONS.name)} group by origin
        ) using (origin, version) where chain = '{chain}'""")  # noqa: S608 - names are ours
    listed = dict(rows) or {address: kind for address, (kind, _) in reference.labels(chain).items()}
    kinds = dict.fromkeys(_disclosed(known, chain), "exchange") | listed
    return tuple(sorted(address for address, kind in kinds.items() if kind == "exchange"))


def _disclosed(known: Known, chain: str) -> set[str]:
    """The addresses that Binance called its own at any time; the contract of a token is no wallet."""
    rows = known.read(f"""
        select distinct address from {standing(ADDRESSES.name)}
        where network = '{NETWORK_OF_CHAIN[chain]}' and custodian is null""")  # noqa: S608 - names are ours
    return {address for (address,) in rows} - set(reference.contracts(chain))


def _plan(_night: Night, _known: Known) -> list[Request]:
    """Both are read every night, so that each knows which version was in force; an unchanged list adds a row."""
    return [Request(PROJECT, "exchange_wallets.csv"), Request(OPERATOR, FILE)]


def _read(home: Home, request: Request) -> bytes:
    """The bytes of a list; the operator's is empty, and labels nothing, where there is none."""
    if request.unit == PROJECT:
        return reference.exchange_wallets()
    path = home.home / FILE
    return path.read_bytes() if path.exists() else f"{','.join(COLUMNS)}\n".encode()


def _version(exchange: Exchange) -> pa.Table:
    count = len(parse_wallets(exchange.body, exchange.request.unit, exchange.fetched_at))
    row = {"origin": exchange.request.unit, "version": version_of(exchange.body), "wallets": count}
    return VERSIONS.rows([row | {"read_at": exchange.fetched_at}])


def _wallets(exchange: Exchange) -> pa.Table:
    origin, version = exchange.request.unit, version_of(exchange.body)
    rows = parse_wallets(exchange.body, origin, exchange.fetched_at)
    return WALLETS.rows(row.model_dump() | {"origin": origin, "version": version} for row in rows)
