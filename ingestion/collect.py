"""One dataset, one night: ask what is missing, land the answers, load them. And the way back: raw from landing.

Belongs here: the order of the steps that every source shares. What a source asks and how it is read belong to it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from ingestion.errors import BadPayloadError, LandingError
from ingestion.exchange import COMPLETE, Exchange, Outcome, Request
from ingestion.landing.store import Batch, Landing
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock
from ingestion.warehouse.raw import RawTable

Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Dataset:
    """What every source gives: what to ask for a night, and how to read an answer (pure: same bytes, same rows)."""

    source: str
    name: str
    table: RawTable
    plan: Callable[[Night], list[Request]]
    parse: Callable[[Exchange], Rows]


@dataclass(frozen=True)
class Collected:
    """What a night brought for one dataset."""

    dataset: str
    skipped: int
    outcomes: Mapping[Outcome, int]
    rows_added: int


def collect(home: Home, dataset: Dataset, night: Night, send: Callable[[Request], Exchange]) -> Collected:
    """Ask for the units of this night that are not complete yet, land every answer, load it.

    Started again after a crash it first loads what was landed and not loaded, then asks for the rest only.
    """
    home.prepare()
    landing = Landing(home.landing)
    with writer_lock(home.home, f"collecting {dataset.source}/{dataset.name}"):
        _load_batches(home, [dataset], landing.batches())
        done = _complete_units(landing, dataset, night)
        wanted = [request for request in dataset.plan(night) if request.unit not in done]
        exchanges = [_judged(dataset, send(request)) for request in wanted]
        added = 0
        if exchanges:
            batch = landing.write(dataset.source, dataset.name, night.day, exchanges)
            added = _load_batches(home, [dataset], [batch])
    return Collected(dataset.name, len(done), Counter(exchange.outcome for exchange in exchanges), added)


def replay(home: Home, datasets: Iterable[Dataset]) -> int:
    """Rebuild the raw tables from landing into a new file, then put it in place. Returns the batches replayed."""
    known = list(datasets)
    landing = Landing(home.landing)
    with writer_lock(home.home, "replaying landing"):
        batches = landing.batches()
        if unknown := {(b.source, b.dataset) for b in batches} - {(d.source, d.name) for d in known}:
            raise LandingError(f"landing holds datasets that nothing here can read: {sorted(unknown)}")
        fresh = home.warehouse.with_suffix(".replaying")
        fresh.unlink(missing_ok=True)
        _load_batches(home, known, batches, into=str(fresh))
        os.replace(fresh, home.warehouse)
    return len(batches)


def _complete_units(landing: Landing, dataset: Dataset, night: Night) -> set[str]:
    return {
        exchange.request.unit
        for batch in landing.batches()
        if (batch.source, batch.dataset, batch.night) == (dataset.source, dataset.name, night.day)
        for exchange in batch.exchanges()
        if exchange.outcome in COMPLETE
    }


def _judged(dataset: Dataset, exchange: Exchange) -> Exchange:
    """Success is what can be read: an answer that cannot is a failure, and one without rows is empty."""
    if exchange.outcome is not Outcome.OK:
        return exchange
    try:
        rows = dataset.parse(exchange)
    except BadPayloadError as error:
        return replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=str(error))
    return exchange if rows else replace(exchange, outcome=Outcome.EMPTY)


def _load_batches(home: Home, datasets: list[Dataset], batches: list[Batch], into: str | None = None) -> int:
    by_name = {(dataset.source, dataset.name): dataset for dataset in datasets}
    added = 0
    with duckdb.connect(into or str(home.warehouse)) as connection:
        raw.prepare(connection)
        for batch in batches:
            dataset = by_name.get((batch.source, batch.dataset))
            if dataset is None or raw.is_loaded(connection, batch):
                continue
            exchanges = list(batch.exchanges())
            rows: list[tuple[datetime, dict[str, object]]] = [
                (exchange.fetched_at, row)
                for exchange in exchanges
                if exchange.outcome is Outcome.OK
                for row in dataset.parse(exchange)
            ]
            result = raw.load(connection, dataset.table, batch, exchanges, rows)
            added += result.new + result.changed if result else 0
    return added
