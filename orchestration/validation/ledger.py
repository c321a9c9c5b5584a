"""What the gates remember: every result, which slices were let through, and the content a verdict is about.

Belongs here: the `meta` tables of validation and the content hash. Publishing reads the verdict here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime

import duckdb

from ingestion.errors import RotationError
from orchestration.validation.rules import Run, SuiteResult

_TABLES = """
    create schema if not exists meta;
    create table if not exists meta.validation_results (
        run_id varchar not null, night date not null, checked_at timestamptz not null, schema_name varchar not null,
        table_name varchar not null, expectation varchar not null, column_name varchar, severity varchar not null,
        status varchar not null, unexpected_count bigint, evaluated_rows bigint not null, observed varchar,
        message varchar not null, sample_keys json not null, content_hash varchar);
    create table if not exists meta.validated_batches (
        schema_name varchar not null, table_name varchar not null, batch_id bigint not null);
    create table if not exists meta.validated_days (
        schema_name varchar not null, table_name varchar not null, day date, content_hash hugeint not null);
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what the gates write to."""
    connection.execute(_TABLES)


def record(connection: duckdb.DuckDBPyConnection, run: Run, result: SuiteResult) -> None:
    """Append the results of one table."""
    rows = [
        (
            *(run.run_id, run.night, run.checked_at, rule.schema, rule.table, rule.name, rule.column, rule.severity),
            *(rule.status, rule.unexpected_count, rule.evaluated_rows, rule.observed, rule.message),
            *(json.dumps(list(rule.sample_keys), default=_text), result.content_hash),
        )
        for rule in result.results
    ]
    connection.executemany(f"insert into meta.validation_results values ({', '.join('?' * 15)})", rows)  # noqa: S608


def forget(connection: duckdb.DuckDBPyConnection, before: datetime, nights: int) -> int:
    """Remove the results of runs before a moment; returns how many rows.

    The newest `nights` stay whatever their age, and the newest run of every table: publishing may ask for its verdict.
    """
    known = connection.sql("from duckdb_tables() where schema_name = 'meta' and table_name = 'validation_results'")
    if not known.fetchall():
        return 0
    gone = connection.execute(
        """
        delete from meta.validation_results as result
        where checked_at < ?
            and night not in (select distinct night from meta.validation_results order by night desc limit ?)
            and checked_at < (
                select max(checked_at) from meta.validation_results as other
                where other.schema_name = result.schema_name and other.table_name = result.table_name)""",
        [before, nights],
    ).fetchone()
    return int(gone[0]) if gone else 0


def columns_of(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str]:
    """The columns of a table or view with their types, in order; empty when there is none of that name.

    Bound and not looked up: DuckDB lists the columns of the whole warehouse to find those of one table.
    """
    named = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
    try:
        found = connection.sql(f"from {named} limit 0")
    except duckdb.CatalogException:
        if connection.execute(_IS_THERE, [schema, table]).fetchall():
            raise  # a view over what is there no more
        return {}
    return dict(zip(found.columns, map(str, found.types), strict=True))


_IS_THERE = """
    select 1 from duckdb_views()
    where database_name = current_database() and schema_name = ? and view_name = ?"""


def content_hash(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """A hash of the content of one table: its columns, their types, its row count and the sum of its row hashes.

    A sum does not depend on the order of the rows, notices a row that occurs twice, and needs one pass. The row hash
    is DuckDB's own, over binary values: fast, and free of time zone and text format. It is the same in every file and
    run of one DuckDB version; another version may give another one, which only means to audit and publish once more.
    """
    columns = list(columns_of(connection, schema, table).items())
    if not columns:
        raise RotationError(f"there is no table {schema}.{table}")
    count, total = connection.sql(
        f'select count(*), coalesce(sum(hash(t)::hugeint), 0) from "{schema}"."{table}" as t'  # noqa: S608
    ).fetchall()[0]
    digest = hashlib.sha256(repr((columns, count, int(total))).encode()).hexdigest()
    return f"{count}:{digest[:32]}"


def content_hashes(connection: duckdb.DuckDBPyConnection, schema: str, tables: Iterable[str]) -> dict[str, str]:
    """The content hash of each table."""
    return {table: content_hash(connection, schema, table) for table in tables}


def passed(connection: duckdb.DuckDBPyConnection, schema: str, table: str, content: str) -> bool:
    """Whether the newest audit of exactly this content let it through."""
    ((let_through,),) = connection.execute(
        """
        with audits as (
            select run_id, checked_at, bool_or(severity = 'critical' and status <> 'passed') as refused
            from meta.validation_results
            where schema_name = ? and table_name = ? and content_hash = ?
            group by run_id, checked_at)
        select not arg_max(refused, checked_at) from audits""",
        [schema, table, content],
    ).fetchall()
    return bool(let_through)


_AUDITS = """
    with audits as (
        select schema_name || '.' || table_name as name, night, checked_at,
            bool_or(severity = 'critical' and status <> 'passed') as refused
        from meta.validation_results where list_contains(?, schema_name || '.' || table_name) group by all)
    """


def refused(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> list[str]:
    """Which of these tables, by full name, the newest audit refused: it blocked what is downstream."""
    prepare(connection)
    found = connection.execute(
        _AUDITS + "select name from audits group by name having arg_max(refused, checked_at) order by name",  # noqa: S608
        [list(tables)],
    )
    return [row[0] for row in found.fetchall()]


def refused_nights(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> list[date]:
    """The nights of which the newest audit of any of these tables refused it, oldest first: nobody has read them."""
    prepare(connection)
    found = connection.execute(
        _AUDITS  # noqa: S608 - two constants
        + """, newest as (select night, arg_max(refused, checked_at) as refused from audits group by night, name)
        select night from newest group by night having bool_or(refused) order by night""",
        [list(tables)],
    )
    return [row[0] for row in found.fetchall()]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
