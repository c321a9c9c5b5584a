"""Raw tables: parsed as delivered, append-only versions.

A row enters when its key is new or its content differs from the newest version of that key. Every load is one
transaction with its ledger row, so a batch is loaded whole or not at all, and loading it twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.errors import RotationError
from ingestion.exchange import Exchange
from ingestion.landing.store import Batch

_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Separates values, and stands for null, in the text that is hashed; neither occurs in market data.
_SEPARATOR, _NULL = "\x1f", "\x1e"


@dataclass(frozen=True)
class RawTable:
    """One raw table: its columns (name → DuckDB type) and the key whose versions it keeps."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in (self.name, *self.columns):
            if not _NAME.fullmatch(name):
                raise RotationError(f"'{name}' is not a table or column name: use lower case letters, digits and _")
        if missing := set(self.key) - set(self.columns):
            raise RotationError(f"the key of raw.{self.name} names unknown columns: {sorted(missing)}")


@dataclass(frozen=True)
class LoadResult:
    """What a load did, in rows. `duplicated` counts rows of one batch that a later row of the same key replaced."""

    parsed: int
    new: int
    changed: int
    unchanged: int
    duplicated: int


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schemas and the ledger."""
    connection.execute("""
        create schema if not exists raw;
        create schema if not exists meta;
        create table if not exists meta.batches (
            batch_id bigint primary key, source varchar not null, dataset varchar not null, night date not null,
            table_name varchar not null, rows_parsed bigint not null, rows_new bigint not null,
            rows_changed bigint not null, rows_unchanged bigint not null, rows_duplicated bigint not null);
        create table if not exists meta.request_outcomes (
            batch_id bigint not null, source varchar not null, dataset varchar not null, night date not null,
            unit varchar not null, kind varchar not null, outcome varchar not null, status integer,
            body_sha256 varchar not null, fetched_at timestamptz not null, error varchar);
    """)


def is_loaded(connection: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    """Whether the ledger already has this batch."""
    found = connection.execute("select 1 from meta.batches where batch_id = ?", [batch.batch_id]).fetchone()
    return found is not None


def load(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    batch: Batch,
    exchanges: list[Exchange],
    rows: list[tuple[datetime, dict[str, object]]],
) -> LoadResult | None:
    """Load the parsed rows of one batch, each with the moment it became known; None when it was loaded before."""
    if is_loaded(connection, batch):
        return None
    connection.execute("begin transaction")
    try:
        result = _append_versions(connection, table, batch, rows)
        _record(connection, table, batch, exchanges, result)
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise
    return result


def _append_versions(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    batch: Batch,
    rows: list[tuple[datetime, dict[str, object]]],
) -> LoadResult:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    definitions = ", ".join(f'"{name}" {kind}' for name, kind in table.columns.items())
    connection.execute(f"""
        create table if not exists raw.{table.name} ({definitions},
            _batch_id bigint not null, _known_at timestamptz not null, _row_hash varchar not null)""")
    if not rows:
        return LoadResult(0, 0, 0, 0, 0)

    arrived = pa.table(
        {
            **{name: pa.array([_text(row.get(name)) for _, row in rows], pa.string()) for name in table.columns},
            "_position": pa.array(range(len(rows)), pa.int64()),
            "_known_at": pa.array([known_at for known_at, _ in rows], pa.timestamp("us", tz="UTC")),
        }
    )
    connection.register("arrived", arrived)
    typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in table.columns.items())
    hashed = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '{_NULL}')" for name in table.columns)
    key = ", ".join(f'"{name}"' for name in table.key)
    same_key = " and ".join(f'stored."{name}" is not distinct from last."{name}"' for name in table.key)
    try:
        connection.execute(f"""
            create or replace temp table incoming as
            with typed as (select {typed}, _position, _known_at from arrived),
            last as (
                select *, md5(concat_ws('{_SEPARATOR}', {hashed})) as _row_hash
                from typed
                qualify row_number() over (partition by {key} order by _position desc) = 1),
            stored as (
                select {key}, _row_hash from raw.{table.name}
                qualify row_number() over (partition by {key} order by _known_at desc, _batch_id desc) = 1)
            select last.*, stored._row_hash as stored_hash
            from last left join stored on {same_key}""")  # noqa: S608 - names are checked, values are bound
    finally:
        connection.unregister("arrived")
    connection.execute(
        f"""
        insert into raw.{table.name}
        select {columns}, ?::bigint, _known_at, _row_hash from incoming
        where stored_hash is distinct from _row_hash
        order by _position""",  # noqa: S608
        [batch.batch_id],
    )
    counts = connection.execute("""
        select count(*), count(*) filter (where stored_hash is null),
               count(*) filter (where stored_hash <> _row_hash), count(*) filter (where stored_hash = _row_hash)
        from incoming""").fetchone()
    connection.execute("drop table incoming")
    kept, new, changed, unchanged = counts if counts else (0, 0, 0, 0)
    return LoadResult(len(rows), new, changed, unchanged, len(rows) - kept)


def _record(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    batch: Batch,
    exchanges: list[Exchange],
    result: LoadResult,
) -> None:
    origin = [batch.batch_id, batch.source, batch.dataset, batch.night]
    connection.execute(
        "insert into meta.batches values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*origin, table.name, result.parsed, result.new, result.changed, result.unchanged, result.duplicated],
    )
    for exchange in exchanges:
        request = exchange.request
        answer = [exchange.outcome.value, exchange.status, exchange.body_sha256, exchange.fetched_at, exchange.error]
        connection.execute(
            "insert into meta.request_outcomes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*origin, request.unit, request.kind, *answer],
        )


def content_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A hash of all rows of `raw.<table>`, independent of their order."""
    if not _NAME.fullmatch(table):
        raise RotationError(f"'{table}' is not a table name")
    found = connection.execute(
        f"select count(*), md5(coalesce(string_agg(h, '' order by h), '')) "  # noqa: S608
        f"from (select md5(t::varchar) as h from raw.{table} as t)"
    ).fetchone()
    count, digest = found if found else (0, "")
    return f"{count}:{digest}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
