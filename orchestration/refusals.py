"""What a night that a gate refused leaves in the warehouse, so that the next one does not publish it.

Belongs here: what was refused, and what is taken back. A mart that keeps history and is never built anew is built
before the gate of its layer: it may have taken a number that another mart was refused for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from ingestion.settings import Home
from orchestration.publishing.files import DATABASE, quoted
from orchestration.validation import ledger
from orchestration.validation.suites import suites_of

_PUBLISHED = "published_before"


def refused(home: Home) -> list[str]:
    """What a gate refused after the rows that incremental models keep: one of them may be the cause, and would stay."""
    with duckdb.connect(str(home.warehouse)) as connection:
        return ledger.refused(connection, _judged())


def take_back(home: Home, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Put the rows of refused nights back to what was published of them, mostly nothing; tells what was taken back.

    `nodes` are dbt's; of them those that are never built anew are looked after.
    """
    keeping = [node for node in nodes if node["config"].get("full_refresh") is False]
    if not keeping:
        return []
    told = []
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        nights = ledger.refused_nights(connection, _judged())
        if not nights:
            return []
        published = home.published / DATABASE
        if published.exists():
            connection.execute(f"attach {quoted(published)} as {_PUBLISHED} (read_only)")
        for node in keeping:
            if ledger.columns_of(connection, node["schema"], node["name"]):
                rows, days = _replace(connection, node["schema"], node["name"], node["config"]["unique_key"], nights)
                if rows:
                    told.append(f"{node['name']}: {rows} rows of {days} taken back, because a gate refused that night")
    return told


def _replace(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, column: str, nights: Sequence[date]
) -> tuple[int, str]:
    """How many rows went, and of which nights."""
    table, before = f'"{schema}"."{name}"', f'{_PUBLISHED}."{schema}"."{name}"'
    was_published = connection.execute(
        "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
        [_PUBLISHED, schema, name],
    ).fetchall()
    connection.begin()
    gone = connection.execute(
        f'delete from {table} where list_contains(?, "{column}") returning "{column}"',  # noqa: S608 - dbt's names
        [list(nights)],
    ).fetchall()
    if gone and was_published:
        connection.execute(
            f'insert into {table} by name select * from {before} where list_contains(?, "{column}")',  # noqa: S608
            [list(nights)],
        )
    connection.commit()
    return len(gone), ", ".join(sorted({str(day) for (day,) in gone}))


def _judged() -> list[str]:
    """The tables whose refusal stops a publication and may lie at a row that was kept; a table of an older release that
    has no suite any more stops nothing."""
    return [suite.full_name for layer in ("intermediate", "marts") for suite in suites_of(layer)]
