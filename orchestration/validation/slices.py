"""Cutting the new slice out of a table, and remembering that it was let through.

Belongs here: one function pair per kind of slice. A slice is the temporary relation `gate_slice` with a `_position` per
row; what it stands for is kept in temporary tables until `remember` writes it down.
"""

from __future__ import annotations

import duckdb

from orchestration.validation.rules import ChangedDays, NewBatches, Suite, TouchedBy

SLICE = "gate_slice"


def cut(connection: duckdb.DuckDBPyConnection, suite: Suite, columns: list[str]) -> int:
    """Make the slice of a table and return its number of rows."""
    connection.execute(f"drop view if exists {SLICE}; drop table if exists temp.gate_rows")
    table = f'"{suite.schema}"."{suite.table}"'
    match suite.slice:
        case NewBatches():
            _find_new_batches(connection, suite, suite.table)
            # A view with raw's own row ids: a first night's millions are not copied to be judged.
            connection.execute(f"""
                create temp view {SLICE} as select rowid as _position, * from {table}
                where _batch_id in (select batch_id from temp.gate_batches)""")  # noqa: S608 - names come from suites
        case TouchedBy(raw_table, column, raw_column):
            _find_new_batches(connection, suite, raw_table)
            connection.execute(f"""
                create or replace temp table gate_touched as select distinct "{raw_column}" as value
                from raw."{raw_table}" where _batch_id in (select batch_id from temp.gate_batches)""")  # noqa: S608
            bounds = connection.execute("select min(value), max(value) from temp.gate_touched").fetchone()
            # The bounds say nothing new, but as constants they reach the scan below a view's window function.
            _keep(
                connection,
                f'select * from {table} where "{column}" between ? and ? '  # noqa: S608
                f'and "{column}" in (select value from temp.gate_touched)',
                list(bounds or ()),
            )
        case ChangedDays(column, ignoring):
            hashed = ", ".join(f'"{name}"' for name in columns if name not in ignoring)
            connection.execute(
                f"""
                create or replace temp table gate_days as
                select "{column}"::date as day, sum(hash({hashed})::hugeint)::hugeint as content_hash
                from {table} group by all""",  # noqa: S608
            )
            _keep(
                connection,
                f"""select * from {table} where not exists (
                    select 1 from temp.gate_days as now join meta.validated_days as before
                    on now.day is not distinct from before.day and now.content_hash = before.content_hash
                    where before.schema_name = ? and before.table_name = ?
                    and now.day is not distinct from {table}."{column}"::date)""",  # noqa: S608
                [suite.schema, suite.table],
            )
        case _:
            _keep(connection, f"select * from {table}", [])  # noqa: S608
    return int(connection.sql(f"select count(*) from {SLICE}").fetchall()[0][0])  # noqa: S608


def remember(connection: duckdb.DuckDBPyConnection, suite: Suite) -> None:
    """Write down that the slice just cut was let through."""
    name = [suite.schema, suite.table]
    match suite.slice:
        case NewBatches() | TouchedBy():
            connection.execute("insert into meta.validated_batches select ?, ?, batch_id from temp.gate_batches", name)
        case ChangedDays():
            connection.execute("delete from meta.validated_days where schema_name = ? and table_name = ?", name)
            connection.execute("insert into meta.validated_days select ?, ?, * from temp.gate_days", name)
        case _:
            pass


def _find_new_batches(connection: duckdb.DuckDBPyConnection, suite: Suite, raw_table: str) -> None:
    """A set and not a high-water mark: a batch that a killed night loads late is still new."""
    connection.execute(
        f"""
        create or replace temp table gate_batches as
        select distinct _batch_id as batch_id from raw."{raw_table}"
        where _batch_id not in (
            select batch_id from meta.validated_batches where schema_name = ? and table_name = ?)""",  # noqa: S608
        [suite.schema, suite.table],
    )


def _keep(connection: duckdb.DuckDBPyConnection, query: str, values: list[object]) -> None:
    """Evaluate a view or a large table once, for all rules."""
    connection.execute(f"create or replace temp table gate_rows as {query}", values)
    connection.execute(f"create temp view {SLICE} as select rowid as _position, * from temp.gate_rows")  # noqa: S608
