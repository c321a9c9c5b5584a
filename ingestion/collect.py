"""What every source gives, and the steps they share: land an answer, load it. And back: raw from landing.

Belongs here: the shape of a dataset and the order of the steps. What a source asks and how it is read belong to it;
who runs when belongs to `ingestion.nightly`.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.answers import Answer, read_all, read_landed
from ingestion.errors import LandingError, WarehouseError
from ingestion.exchange import COMPLETE, Exchange, Outcome, Request
from ingestion.forget import require_whole
from ingestion.http import Judge, Limits, as_delivered
from ingestion.landing.store import Batch, Landing
from ingestion.night import Night
from ingestion.ordered import in_order
from ingestion.settings import Home
from ingestion.warehouse import coverage, raw
from ingestion.warehouse.coverage import DailyRows
from ingestion.warehouse.lock import writer_lock
from ingestion.warehouse.raw import Arrival, RawTable
from ingestion.warehouse.transactions import one_line_errors

_log = logging.getLogger(__name__)
Send = Callable[[Request], Exchange]
Read = Callable[[str], list[tuple[Any, ...]]]
_REPLAYING = ".replaying"
# What DuckDB may keep of the tables while they are loaded: without a bound it keeps all it has touched.
_MEMORY = "400MB"
# Each thread of DuckDB holds blocks of its own: with 64 of them they are more than the bound.
_THREADS = min(os.cpu_count() or 1, 8)


@dataclass(frozen=True)
class Parsed:
    """A raw table and how its rows are read from an answer (pure: same bytes, same rows)."""

    table: RawTable
    parse: Callable[[Exchange], pa.Table]


@dataclass(frozen=True)
class Known:
    """What the ledger and raw know of one dataset when a night begins to plan it."""

    night: Night
    now: datetime
    settled: frozenset[str] = frozenset()
    """Units this night need not ask again: complete, or refused as not existing."""
    completed: Mapping[str, Sequence[date]] = field(default_factory=dict)
    last_outcome: Mapping[str, Outcome] = field(default_factory=dict)
    landed_sha256: Mapping[str, str] = field(default_factory=dict)
    read: Read = lambda _sql: []
    notes: dict[str, Any] = field(default_factory=dict)
    """What this run has learnt on its way (a working range, a block near by); shared by its workers, then forgotten."""

    def completed_ever(self, unit: str) -> bool:
        """Whether any night has completed the unit."""
        return unit in self.completed

    def completed_before(self, unit: str) -> date | None:
        """The newest night before this one that completed the unit."""
        return max((night for night in self.completed.get(unit, ()) if night < self.night.day), default=None)


def ask_once(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
    """The fetch of a source whose unit is one request."""
    yield send(request)


@dataclass(frozen=True)
class Dataset:
    """What every source gives: what to ask for a night, how to ask it, and how to read the answers.

    `fetch` yields every exchange of a unit in order; the unit is complete when the last one is. A dataset that stands
    in for others is planned once those of the same night (`after`) are loaded.
    """

    source: str
    name: str
    tables: tuple[Parsed, ...]
    plan: Callable[[Night, Known], list[Request]]
    fetch: Callable[[Request, Send, Known], Iterator[Exchange]] = ask_once
    judge: Judge = as_delivered
    limits: Limits = field(default_factory=Limits)
    workers: int = 1
    after: tuple[tuple[str, str], ...] = ()
    local: Callable[[Home, Request], bytes] | None = None
    """How a unit is read from this machine; None: it is asked of a provider."""
    headers: Callable[[], Mapping[str, str]] = dict
    """What only the sent request carries: a key is read when a client is made, and is in nothing that is landed."""
    daily: tuple[DailyRows, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    """Datasets of the same night whose answers this one is planned by."""
    expects: Callable[[Known], Iterable[str]] | None = None
    """The units there should be for a night; by default what is planned when nothing is known."""
    is_snapshot: bool = False
    over: Callable[[int], Dataset] | None = None
    """This dataset as a window of so many days, where a backfill may ask for any."""
    is_window: bool = False
    parse_together: Callable[[Sequence[Exchange]], list[pa.Table] | None] | None = None
    """The rows of many answers of a dataset with one table, by one parse; None where each must be read alone. Its
    units end with the answer that is parsed."""

    def expected_units(self, night: Night, read: Read = lambda _sql: []) -> Iterable[str]:
        """The names of the units that a complete home has for this night and its history; a stand-in owes none."""
        if self.after:
            return []
        if self.expects is not None:
            return self.expects(Known(night, night.as_of, read=read))
        return [request.unit for request in self.plan(night, Known(night, night.as_of))]

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.name

    def parse(self, exchange: Exchange) -> tuple[pa.Table, ...]:
        """The rows of one answer, a table for each of `tables`."""
        return tuple(parsed.parse(exchange) for parsed in self.tables)


@dataclass(frozen=True)
class Collected:
    """What a night brought for one dataset: units complete before, units asked by their outcome, and what was added.

    `error` is why it could not be asked to the end; the units that were not asked then have no outcome this time.
    """

    source: str
    dataset: str
    skipped: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    requests: int = 0
    rows_added: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Brought:
    """What answers bring, ready to be landed and loaded."""

    exchanges: Sequence[Exchange]
    arrivals: Sequence[Arrival]


def brought_by(dataset: Dataset, answers: Sequence[Answer]) -> Brought:
    """The rows of all answers, a table for each of the dataset's. For any thread: it touches no database."""
    arrivals = [
        raw.arrived(parsed.table, [(a.exchange.fetched_at, a.rows[position]) for a in answers if a.rows])
        for position, parsed in enumerate(dataset.tables)
    ]
    return Brought([answer.exchange for answer in answers], arrivals)


class Store:
    """Landing and warehouse of one home, for the one thread that writes them. Open it under the writer lock."""

    def __init__(self, home: Home, datasets: Collection[Dataset], warehouse: Path | None = None) -> None:
        self._datasets = {dataset.key: dataset for dataset in datasets}
        self._path = warehouse or home.warehouse
        shutil.rmtree(self._path.with_name(f"{self._path.name}.tmp"), ignore_errors=True)  # spilled by a killed process
        with one_line_errors(self._path):
            self._connection = duckdb.connect(str(self._path))
            self._connection.execute(f"set memory_limit = '{_MEMORY}'; set threads = {_THREADS}")
            raw.prepare(self._connection, [parsed.table for dataset in datasets for parsed in dataset.tables])
            self._landing = Landing(home.landing, raw.newest_batch(self._connection))
        self._landing.remove_unfinished()
        if warehouse is None:
            _remove_unfinished_replay(home)

    def close(self) -> None:
        with one_line_errors(self._path):
            self._connection.close()

    def load_landed(self) -> int:
        """Load every landed batch the ledger does not have; batches of datasets unknown here wait for a replay.

        One more thread reads a batch while the one before it is loaded; more than that does not wait in memory.
        """
        loaded = raw.loaded_batches(self._connection)
        waiting = [batch for batch in self._landing.batches() if batch.batch_id not in loaded]
        known = [batch for batch in waiting if (batch.source, batch.dataset) in self._datasets]
        with ThreadPoolExecutor(1, thread_name_prefix="reads-landing") as reader:
            for batch, brought in zip(known, in_order(reader, self._read_batch, known, ahead=2), strict=True):
                self._load(batch, brought)
        return len(waiting)

    def _read_batch(self, batch: Batch) -> Brought:
        dataset = self._datasets[batch.source, batch.dataset]
        return brought_by(dataset, read_all(dataset, list(batch.exchanges()), read_landed))

    def add(self, dataset: Dataset, night: Night, answers: Sequence[Answer]) -> int:
        """Land some answers, then load them; returns the rows added."""
        return self.add_brought(dataset, night, brought_by(dataset, answers))

    def add_brought(self, dataset: Dataset, night: Night, brought: Brought) -> int:
        """`add`, of what another thread has made ready."""
        return self._load(self._landing.write(dataset.source, dataset.name, night.day, brought.exchanges), brought)

    def known(self, dataset: Dataset, night: Night, now: datetime) -> Known:
        """What this dataset may rely on. Callable from any thread, as is the `read` it carries."""
        with closing(self._connection.cursor()) as cursor:
            units = cursor.execute(_LAST_OF_EACH_NIGHT, dataset.key).fetchall()
            landed = cursor.execute(_LANDED_SHA256, dataset.key).fetchall()
        completed: dict[str, list[date]] = {}
        last: dict[str, Outcome] = {}
        settled = set()
        for unit, asked, outcome in units:
            last[unit] = Outcome(outcome)
            if outcome in COMPLETE:
                completed.setdefault(unit, []).append(asked)
            if asked == night.day and outcome in (*COMPLETE, Outcome.NOT_FOUND):
                settled.add(unit)
        return Known(night, now, frozenset(settled), completed, last, dict(landed), self._read)

    def assess_coverage(self, night: Night) -> None:
        """Write down what each dataset should hold and lacks, as the newest night leaves it."""
        newest = max(night, self.newest_night() or night)
        with one_line_errors(self._path):
            for dataset in self._datasets.values():
                if not dataset.is_window:
                    coverage.assess(self._connection, dataset, newest)

    def newest_night(self) -> Night | None:
        """The newest night of the ledger."""
        ((newest,),) = self._connection.execute("select max(night) from meta.request_outcomes").fetchall()
        return Night(newest) if newest else None

    def record_window(self, first: date, last: date) -> None:
        """Remember what a backfill is to bring, so that what it does not is a gap."""
        with one_line_errors(self._path):
            for dataset in self._datasets.values():
                if dataset.over is not None:
                    coverage.record_window(self._connection, dataset, first, last)

    def keep_history_of(self, warehouse: Path) -> None:
        """Take over what landing does not tell: which windows were asked for, and what each past night lacked.

        The file is opened as its writer does: what a killed process left in its log is then part of it, and the log is
        gone. A damaged file tells nothing, and is replaced all the same.
        """
        if not warehouse.exists():
            return
        try:
            with duckdb.connect(str(warehouse)) as old:
                there = {name for (name,) in old.execute(_META_TABLES).fetchall()}
                kept = {name: old.execute(f"from meta.{name}").fetchall() for name in sorted(_HISTORY & there)}
        except duckdb.Error as error:
            if "lock on file" in str(error):
                raise WarehouseError(f"{warehouse} is held by another program: close it, and replay again") from error
            _log.warning("%s cannot be read: windows asked for and coverage of past nights are lost", warehouse)
            warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
            return
        for name, rows in kept.items():
            for row in rows:
                places = ", ".join("?" for _ in row)
                self._connection.execute(f"insert or ignore into meta.{name} values ({places})", row)  # noqa: S608

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(self._connection.cursor()) as cursor:
            return cursor.execute(sql).fetchall()

    def _load(self, batch: Batch, brought: Brought) -> int:
        with one_line_errors(self._path):
            results = raw.load(self._connection, batch, brought.exchanges, brought.arrivals)
        return sum(result.new + result.changed for result in results.values()) if results else 0


_HISTORY = frozenset({"backfills", "coverage"})
_META_TABLES = "select table_name from duckdb_tables() where schema_name = 'meta'"
_LAST_OF_EACH_NIGHT = """
    with asked as (
        select unit, night, outcome, batch_id, position,
            row_number() over (partition by unit, night order by batch_id desc, position desc) as age
        from meta.request_outcomes where source = ? and dataset = ?)
    select unit, night, outcome from asked where age = 1 order by batch_id, position"""
_LANDED_SHA256 = """
    select unit, arg_max(body_sha256, (batch_id, position)) from meta.request_outcomes
    where source = ? and dataset = ? and kind = 'data' and outcome in ('ok', 'empty') group by unit"""


def replay(home: Home, datasets: Iterable[Dataset]) -> int:
    """Rebuild the raw tables from landing into a new file, then put it in place. Returns the batches replayed."""
    known = list(datasets)
    home.prepare()
    with writer_lock(home.home, "replaying landing"):
        batches = Landing(home.landing).batches()
        require_whole(home, batches)
        if unknown := {(b.source, b.dataset) for b in batches} - {dataset.key for dataset in known}:
            raise LandingError(f"landing holds datasets that nothing here can read: {sorted(unknown)}")
        _remove_unfinished_replay(home)
        fresh = home.warehouse.with_suffix(_REPLAYING)
        with closing(Store(home, known, fresh)) as store:
            store.load_landed()
            store.keep_history_of(home.warehouse)
            if newest := store.newest_night():
                store.assess_coverage(newest)
        os.replace(fresh, home.warehouse)
    return len(batches)


def _remove_unfinished_replay(home: Home) -> None:
    """What a killed replay left, with its log; for the holder of the home's lock."""
    for path in home.home.glob(f"{home.warehouse.stem}{_REPLAYING}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
