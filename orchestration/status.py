"""What `rotation status` shows: the newest night's answers, what is missing and why, and what was restated.

Belongs here: reading the ledgers of one home into tables for a terminal. What they mean belongs to ingestion/warehouse.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from rich.table import Table

MOST_LINES = 25


def tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """The tables of one home, those without a row left out."""
    present = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'meta'"
        ).fetchall()
    }
    found = [_answers(connection)]
    if "coverage" in present:
        found += [_coverage(connection), _gaps(connection)]
    if "revisions" in present:
        found.append(_revisions(connection))
    if "quarantine" in present:
        found.append(_quarantine(connection))
    return [table for table in found if table.row_count]


def _answers(connection: duckdb.DuckDBPyConnection) -> Table:
    return _table(
        "Answers of the newest night",
        ("night", "dataset", "outcome", "units", "one of them", "error"),
        connection.execute(_LAST_OUTCOMES).fetchall(),
    )


def _coverage(connection: duckdb.DuckDBPyConnection) -> Table:
    return _table(
        "Coverage as the newest night left it",
        ("dataset", "expected", "missing", "present"),
        connection.execute("""
            select source || '/' || dataset, expected, missing,
                case when expected = 0 then '' else format('{:.2f} %', 100.0 * (1 - missing / expected)) end
            from meta.coverage qualify row_number() over (partition by source, dataset order by night desc) = 1
            order by 1""").fetchall(),
    )


def _gaps(connection: duckdb.DuckDBPyConnection) -> Table:
    rows = connection.execute("""
        select source || '/' || dataset, reason, sum(missing), count(distinct symbol), min(first_day), max(last_day),
            arg_max(symbol, last_day), any_value(error)
        from meta.coverage_gaps group by all order by 1, 3 desc""").fetchall()
    columns = ("dataset", "reason", "missing", "symbols", "from", "to", "one of them", "error")
    return _table("Missing (every gap: meta.coverage_gaps)", columns, rows)


def _revisions(connection: duckdb.DuckDBPyConnection) -> Table:
    rows = connection.execute("""
        select source || '/' || dataset, column_name, reason, count(*),
            format('{:.3f} %', 100 * median(abs(relative_change))), format('{:.3f} %', 100 * max(abs(relative_change))),
            format('{:.1f}', median(age_days)), max(revised_at)::date
        from meta.revisions group by all order by 1, 4 desc""").fetchall()
    columns = ("dataset", "column", "reason", "values", "median size", "largest", "median age, days", "newest")
    return _table("Revised after it was known (every value: meta.revisions)", columns, rows)


def _quarantine(connection: duckdb.DuckDBPyConnection) -> Table:
    rows = connection.execute("""
        select night, table_name, rule, decision, rows from meta.quarantine
        where decision = 'waiting' or night > (select max(night) from meta.request_outcomes) - 7
        order by all""").fetchall()
    columns = ("night", "table", "rule", "decision", "rows")
    return _table("Rows in quarantine ('rotation quarantine list' shows them)", columns, rows)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows[:MOST_LINES]:
        table.add_row(*("" if value is None else str(value) for value in row))
    if len(rows) > MOST_LINES:
        table.caption = f"and {len(rows) - MOST_LINES} more lines"
    return table


_LAST_OUTCOMES = """
    with last as (
        select * from meta.request_outcomes
        where night = (select max(night) from meta.request_outcomes)
        qualify row_number() over (partition by source, dataset, unit order by batch_id desc, position desc) = 1
    )
    select night::varchar, source || '/' || dataset, outcome, count(*),
        min(unit) filter (outcome not in ('ok', 'empty')), any_value(error)
    from last group by all order by 2, 3"""
