"""Raw tables: parsed as delivered, append-only versions.

A row enters when its key is new or its content differs from the newest version of that key. Every load is one
transaction with its ledger rows, so a batch is loaded whole or not at all, and loading it twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import duckdb
import numpy as np
import pyarrow as pa

from ingestion.errors import RotationError
from ingestion.exchange import Exchange
from ingestion.landing.store import Batch
from ingestion.warehouse import coverage, hashing, revisions
from ingestion.warehouse.columns import Column
from ingestion.warehouse.transactions import transaction

_NAME = re.compile(r"[a-z][a-z0-9_]*")
KNOWN_AT = "_known_at"
_KNOWN_AT_FIELD = pa.field(KNOWN_AT, pa.timestamp("us", tz="UTC"))
# DuckDB's own row group: pieces of it are written by several threads, in their order.
_ROWS_A_PIECE = 122_880
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ARROW_TYPES: dict[str, pa.DataType] = {
    "varchar": pa.string(),
    "date": pa.date32(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class RawTable:
    """One raw table: what is known of its columns, in order (a type alone says nothing more), and the key whose
    versions it keeps."""

    name: str
    facts: Mapping[str, Column | str]
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in (self.name, *self.columns):
            if not _NAME.fullmatch(name):
                raise RotationError(f"'{name}' is not a table or column name: use lower case letters, digits and _")
        if missing := set(self.key) - set(self.columns):
            raise RotationError(f"the key of raw.{self.name} names unknown columns: {sorted(missing)}")
        if unknown := set(self.columns.values()) - set(ARROW_TYPES):
            raise RotationError(f"raw.{self.name} has columns of unknown types: {sorted(unknown)}")

    @cached_property
    def described(self) -> dict[str, Column]:
        """What is known of each column."""
        return {name: fact if isinstance(fact, Column) else Column(fact) for name, fact in self.facts.items()}

    @cached_property
    def columns(self) -> dict[str, str]:
        """Name → DuckDB type."""
        return {name: column.type for name, column in self.described.items()}

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns as a parser gives them."""
        return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in self.columns.items()])

    def rows(self, rows: Iterable[Mapping[str, object]]) -> pa.Table:
        """A table of parsed rows."""
        return pa.Table.from_pylist([dict(row) for row in rows], schema=self.schema)

    @property
    def definition(self) -> str:
        """The columns of the table in DuckDB, with those every version carries."""
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        return f"{columns}, _batch_id bigint not null, {KNOWN_AT} timestamptz not null, _row_hash ubigint not null"


@dataclass(frozen=True)
class Arrival:
    """The rows that a batch brings for a table: typed, each with the moment it became known, its hash and its place.

    `may_repeat`: whether a key may be there twice.
    """

    table: RawTable
    rows: pa.Table
    may_repeat: bool


@dataclass(frozen=True)
class LoadResult:
    """What a load did, in rows. `duplicated` counts rows of one batch that a later row of the same key replaced."""

    parsed: int
    new: int
    changed: int
    unchanged: int
    duplicated: int


_OUTCOMES = pa.schema(
    [
        ("batch_id", pa.int64()),
        ("source", pa.string()),
        ("dataset", pa.string()),
        ("night", pa.date32()),
        ("unit", pa.string()),
        ("kind", pa.string()),
        ("outcome", pa.string()),
        ("status", pa.int32()),
        ("body_sha256", pa.string()),
        ("fetched_at", pa.timestamp("us", tz="UTC")),
        ("error", pa.string()),
        ("position", pa.int32()),
    ]
)


def prepare(connection: duckdb.DuckDBPyConnection, tables: Collection[RawTable] = ()) -> None:
    """Create the schemas, the ledger, and every raw table with its quarantine, empty where they do not exist."""
    connection.execute("""
        set TimeZone = 'UTC';
        create schema if not exists raw;
        create schema if not exists meta;
        create schema if not exists quarantine;
        create table if not exists meta.batches (
            batch_id bigint not null, source varchar not null, dataset varchar not null, night date not null,
            table_name varchar not null, rows_parsed bigint not null, rows_new bigint not null,
            rows_changed bigint not null, rows_unchanged bigint not null, rows_duplicated bigint not null,
            primary key (batch_id, table_name));
        create table if not exists meta.request_outcomes (
            batch_id bigint not null, source varchar not null, dataset varchar not null, night date not null,
            unit varchar not null, kind varchar not null, outcome varchar not null, status integer,
            body_sha256 varchar not null, fetched_at timestamptz not null, error varchar,
            position integer not null);
        create table if not exists meta.quarantine_decisions (
            table_name varchar not null, batch_id bigint not null, row_hash ubigint not null,
            decision varchar not null, decided_by varchar not null, decided_at timestamptz not null,
            why varchar not null, known_at timestamptz not null, release_batch_id bigint);
    """)
    connection.execute(revisions.TABLE)
    connection.execute(coverage.TABLES)
    for table in tables:
        connection.execute(f"create table if not exists raw.{table.name} ({table.definition})")
        prepare_quarantine(connection, table.name)
    hashing.require_own(connection, [table.name for table in tables])


def arrived(table: RawTable, pieces: Sequence[tuple[datetime, pa.Table]]) -> Arrival:
    """What a batch brings for a table, from its answers: the moment of each, and its rows. Touches no database."""
    filled = [(moment, rows) for moment, rows in pieces if rows.num_rows]
    if not filled:
        return Arrival(table, table.schema.empty_table(), may_repeat=False)
    moments = np.array([_micros(moment) for moment, _ in filled], dtype="int64")
    repeated = np.repeat(moments, np.array([rows.num_rows for _, rows in filled], dtype="int64"))
    rows = pa.concat_tables([rows for _, rows in filled]).append_column(
        KNOWN_AT, pa.array(repeated).cast(pa.timestamp("us", tz="UTC"))
    )
    return Arrival(table, *_hashed(table, rows))


def prepare_quarantine(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Where the rows of one raw table go that a rule refused: which row, the rule, why, the row as text, and when."""
    connection.execute(f"""
        create table if not exists quarantine."{table}" (
            _batch_id bigint, _row_hash ubigint, reason varchar, row_json varchar, quarantined_at timestamptz);
        alter table quarantine."{table}" add column if not exists rule varchar""")


def standing(table: str) -> str:
    """The versions in a raw table that no rule has set aside, as a subquery."""
    return f"""(
        select stored.* from raw.{table} as stored
        anti join quarantine.{table} as refused
            on stored._batch_id = refused._batch_id and stored._row_hash = refused._row_hash)"""  # noqa: S608 - our names


def newest_batch(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest batch id that anything has taken: a landed batch, also one that landing let go, or a release from
    quarantine; 0 when none has."""
    (newest,) = connection.sql("""
        select greatest(coalesce((select max(batch_id) from meta.batches), 0),
            coalesce((select max(release_batch_id) from meta.quarantine_decisions), 0))""").fetchall()
    return int(newest[0])


def loaded_batches(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The batches the ledger already has."""
    return {batch_id for (batch_id,) in connection.execute("select distinct batch_id from meta.batches").fetchall()}


def load(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    exchanges: Sequence[Exchange],
    arrivals: Sequence[Arrival],
) -> dict[str, LoadResult] | None:
    """Load one batch with what it brings for each table; None when it was loaded before."""
    if connection.execute("select 1 from meta.batches where batch_id = ?", [batch.batch_id]).fetchone():
        return None
    results = {}
    with transaction(connection):
        for arrival in arrivals:
            results[arrival.table.name] = _append_versions(connection, batch, arrival)
            _record_batch(connection, arrival.table, batch, results[arrival.table.name])
        _record_outcomes(connection, batch, exchanges)
        revisions.record_reissued(connection, batch)
    return results


def _append_versions(connection: duckdb.DuckDBPyConnection, batch: Batch, arrival: Arrival) -> LoadResult:
    if not arrival.rows.num_rows:
        return LoadResult(0, 0, 0, 0, 0)
    with _registered(connection, "incoming", arrival.rows):
        return _load_incoming(connection, batch, arrival)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    """After a failure it stays until the next of its name: in a transaction that is over nothing can be taken back."""
    connection.register(name, rows)
    yield
    connection.unregister(name)


def _hashed(table: RawTable, rows: pa.Table) -> tuple[pa.Table, bool]:
    """The rows, typed, with position and content hash; and whether a key may be there twice."""
    typed = rows.select([*table.columns, KNOWN_AT]).combine_chunks().cast(table.schema.append(_KNOWN_AT_FIELD))
    bits = {name: hashing.column_bits(typed[name]) for name in table.columns}
    keys = hashing.combined([bits[name] for name in table.key], typed.num_rows)
    content = hashing.combined(bits.values(), typed.num_rows)
    typed = typed.append_column("_row_hash", pa.array(content))
    typed = typed.append_column("_position", pa.array(np.arange(typed.num_rows)))
    keys.sort()
    return pa.Table.from_batches(typed.to_batches(_ROWS_A_PIECE)), bool((keys[1:] == keys[:-1]).any())


def _load_incoming(connection: duckdb.DuckDBPyConnection, batch: Batch, arrival: Arrival) -> LoadResult:
    """Append what of `incoming` is new or changed; of a key that is there twice the last row counts."""
    table, parsed = arrival.table, arrival.rows.num_rows
    key = ", ".join(f'"{name}"' for name in table.key)
    kept, appended = parsed, "incoming"
    if arrival.may_repeat:
        connection.execute(f"""
            create or replace temp table _last as
            select * from incoming
            qualify row_number() over (partition by {key} order by _position desc) = 1""")  # noqa: S608
        kept, appended = _count(connection, "_last"), "_last"
    new, changed = kept, 0
    bounds = _bounds(connection, table)
    if _find_newest(connection, table, appended, bounds):
        _compare(connection, appended)
        appended = "versions"
        new, changed = _count(connection, "versions where is_new"), _count(connection, "versions where not is_new")
        if changed:
            revisions.record(connection, table, batch, _same_key(table, "versions"), bounds)
    columns = ", ".join(f'"{name}"' for name in table.columns)
    ordered = "" if appended == "incoming" else "order by _position"  # an arrow table is read in its own order
    connection.execute(
        f"""insert into raw.{table.name}
        select {columns}, {batch.batch_id:d}, {KNOWN_AT}, _row_hash from {appended} {ordered}"""  # noqa: S608
    )
    connection.execute("drop table if exists versions; drop table if exists _last")
    return LoadResult(parsed, new, changed, kept - new - changed, parsed - kept)


def _find_newest(connection: duckdb.DuckDBPyConnection, table: RawTable, source: str, bounds: str) -> int:
    """`newest`: the hash of the newest stored version of each key of `source` that is stored; returns how many are."""
    if not connection.execute(f"select 1 from raw.{table.name} as stored where {bounds} limit 1").fetchone():  # noqa: S608
        return 0
    connection.execute(f"""
        create or replace temp table newest as
        select incoming._position, arg_max(stored._row_hash, (stored.{KNOWN_AT}, stored._batch_id)) as stored_hash,
            max(stored.{KNOWN_AT}) as stored_at
        from raw.{table.name} as stored join {source} as incoming on {_same_key(table, "incoming")}
        where {bounds} group by incoming._position""")  # noqa: S608
    return _count(connection, "newest")


def _compare(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """`versions`: what of `source` is new or differs from the newest stored version, and never known before it.

    A clock that went back would hide what came last.
    """
    connection.execute(f"""
        create or replace temp table versions as
        select incoming.* replace (greatest({KNOWN_AT}, stored_at) as {KNOWN_AT}), stored_hash is null as is_new
        from {source} as incoming left join newest using (_position)
        where stored_hash is distinct from _row_hash""")  # noqa: S608


def _same_key(table: RawTable, other: str) -> str:
    return " and ".join(f'stored."{name}" is not distinct from {other}."{name}"' for name in table.key)


def _bounds(connection: duckdb.DuckDBPyConnection, table: RawTable) -> str:
    """The range of every key column that arrived, as literals: what lies outside is skipped unread."""
    limits = ", ".join(
        f'min("{name}")::varchar, max("{name}")::varchar, count(*) - count("{name}")' for name in table.key
    )
    found = connection.execute(f"select {limits} from incoming").fetchall()[0]  # noqa: S608
    ranges = [
        f'stored."{name}" between cast({_literal(low)} as {table.columns[name]}) and '
        f"cast({_literal(high)} as {table.columns[name]})"
        for name, low, high, nulls in zip(table.key, found[::3], found[1::3], found[2::3], strict=True)
        if not nulls
    ]
    return " and ".join(ranges) or "true"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    found = connection.execute(f"select count(*) from {what}").fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _record_batch(connection: duckdb.DuckDBPyConnection, table: RawTable, batch: Batch, result: LoadResult) -> None:
    origin = [batch.batch_id, batch.source, batch.dataset, batch.night]
    connection.execute(
        "insert into meta.batches values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*origin, table.name, result.parsed, result.new, result.changed, result.unchanged, result.duplicated],
    )


def _record_outcomes(connection: duckdb.DuckDBPyConnection, batch: Batch, exchanges: Sequence[Exchange]) -> None:
    columns = {
        **{
            name: [value] * len(exchanges)
            for name, value in (
                ("batch_id", batch.batch_id),
                ("source", batch.source),
                ("dataset", batch.dataset),
                ("night", batch.night),
            )
        },
        "unit": [exchange.request.unit for exchange in exchanges],
        "kind": [exchange.request.kind for exchange in exchanges],
        "outcome": [exchange.outcome.value for exchange in exchanges],
        "status": [exchange.status for exchange in exchanges],
        "body_sha256": [exchange.body_sha256 for exchange in exchanges],
        "fetched_at": [exchange.fetched_at for exchange in exchanges],
        "error": [exchange.error for exchange in exchanges],
        "position": range(len(exchanges)),
    }
    with _registered(connection, "outcomes", pa.Table.from_pydict(columns, schema=_OUTCOMES)):
        connection.execute("insert into meta.request_outcomes select * from outcomes")


def content_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A hash of all rows of `raw.<table>`, independent of their order and of how they were cut into batches."""
    if not _NAME.fullmatch(table):
        raise RotationError(f"'{table}' is not a table name")
    connection.execute("set TimeZone = 'UTC'")
    found = connection.execute(
        f"select count(*), md5(coalesce(string_agg(h, '' order by h), '')) "  # noqa: S608
        f"from (select md5(t::varchar) as h from (select * exclude (_batch_id) from raw.{table}) as t)"
    ).fetchone()
    count, digest = found if found else (0, "")
    return f"{count}:{digest}"
