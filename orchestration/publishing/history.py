"""The history of publications inside the published file: one row each, and what each changed in every table.

Belongs here: `meta.publications` and `meta.publication_changes`. The history lives in the published file alone and is
carried over from the file that is replaced: it is then true by construction, whenever a run is killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from orchestration.publishing import meta
from orchestration.publishing.files import quoted
from orchestration.publishing.manifest import Labels, columns, tables

TABLES = [table for table in meta.TABLES if table.name in ("publications", "publication_changes")]


@dataclass(frozen=True)
class Grain:
    """What names one row of a mart, and the columns that every run stamps anew: another stamp is no change."""

    key: tuple[str, ...]
    stamps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What a publication changed in one table. `status`: new, dropped, changed or unchanged.

    `rows_changed` is None where no key is declared: a changed row is then one removed and one added.
    """

    table: str
    status: str
    rows_before: int
    rows_after: int
    rows_added: int
    rows_changed: int | None
    rows_removed: int
    columns_added: Sequence[str] = ()
    columns_removed: Sequence[str] = ()
    columns_retyped: Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """A publication about to be recorded."""

    labels: Labels
    fingerprint: str
    rolled_back_to: int | None = None


def record(connection: duckdb.DuckDBPyConnection, old: Path | None, entry: Entry, grains: Mapping[str, Grain]) -> int:
    """Write the history into `target`, carried over from the file it replaces; returns the new publication's id."""
    for table in TABLES:
        connection.execute(f"create or replace table target.meta.{table.name} ({meta.definition(table)})")
    meta.describe(connection, TABLES)
    if old is None:
        return _append(connection, entry, compare(connection, None, "target", grains))
    connection.execute(f"attach {quoted(old)} as old (read_only)")
    try:
        known = tables(connection, "old", "meta")
        for name in (table.name for table in TABLES):
            if name in known:
                connection.execute(f"insert into target.meta.{name} by name from old.meta.{name}")
        # The same content again means that the run before was killed after its rename: one publication, not two.
        last = connection.execute("""
            select publication_id, fingerprint, rolled_back_to from target.meta.publications
            order by publication_id desc limit 1""").fetchone()
        if last is not None and last[1:] == (entry.fingerprint, entry.rolled_back_to):
            return int(last[0])
        return _append(connection, entry, compare(connection, "old", "target", grains))
    finally:
        connection.execute("detach old")


def withdrawn(connection: duckdb.DuckDBPyConnection, published: Path | None) -> dict[str, int]:
    """Fingerprint → publication of what the newest rollback took back; empty when the last word was a publication."""
    if published is None:
        return {}
    connection.execute(f"attach {quoted(published)} as old (read_only)")
    try:
        if "rolled_back_to" not in {name for name, _, _ in columns(connection, "old", "meta", "publications")}:
            return {}
        found = connection.execute("""
            with last as (from old.meta.publications order by publication_id desc limit 1)
            select taken.fingerprint, taken.publication_id from old.meta.publications as taken, last
            where taken.publication_id > last.rolled_back_to and taken.publication_id < last.publication_id
              and taken.fingerprint <> last.fingerprint""").fetchall()
        return dict(found)
    finally:
        connection.execute("detach old")


def compare(
    connection: duckdb.DuckDBPyConnection, before: str | None, after: str, grains: Mapping[str, Grain]
) -> list[Change]:
    """What differs between the marts of two attached databases, by table."""
    old = tables(connection, before, "marts") if before else []
    new = tables(connection, after, "marts")
    changes = [
        Change(table, "new", 0, rows := _rows(connection, after, table), rows, 0, 0)
        for table in new
        if table not in old
    ]
    if before:
        changes += [
            _compare_table(connection, before, after, table, grains.get(table)) for table in new if table in old
        ]
        changes += [
            Change(table, "dropped", rows := _rows(connection, before, table), 0, 0, 0, rows)
            for table in old
            if table not in new
        ]
    return sorted(changes, key=lambda change: change.table)


def _compare_table(
    connection: duckdb.DuckDBPyConnection, before: str, after: str, table: str, grain: Grain | None
) -> Change:
    old = {name: kind for name, kind, _ in columns(connection, before, "marts", table)}
    new = {name: kind for name, kind, _ in columns(connection, after, "marts", table)}
    key = grain.key if grain and set(grain.key) <= old.keys() & new.keys() else ()
    ignored = (*key, *(grain.stamps if grain else ()))
    compared = [name for name in new if name in old and name not in ignored]
    pair = [f'{name}.marts."{table}"' for name in (before, after)]
    added, changed, removed = (
        _by_key(connection, pair, key, compared) if key else _by_content(connection, pair, compared)
    )
    shape = (
        [name for name in new if name not in old],
        [name for name in old if name not in new],
        [f"{name}: {old[name]} → {new[name]}" for name in new if name in old and old[name] != new[name]],
    )
    same = not (added or changed or removed or any(shape))
    rows = _rows(connection, before, table), _rows(connection, after, table)
    return Change(table, "unchanged" if same else "changed", *rows, added, changed, removed, *shape)


def _by_key(
    connection: duckdb.DuckDBPyConnection, pair: Sequence[str], key: Sequence[str], compared: Sequence[str]
) -> tuple[int, int, int]:
    names = ", ".join(f'"{name}"' for name in key)
    content = _content(compared)
    same = " and ".join(f'a."{name}" is not distinct from b."{name}"' for name in key)
    added, changed, removed = connection.sql(f"""
        select count(*) filter (where a.content is null), count(*) filter (where a.content <> b.content),
               count(*) filter (where b.content is null)
        from (select {names}, {content} as content from {pair[0]}) as a
        full join (select {names}, {content} as content from {pair[1]}) as b on {same}""").fetchall()[0]  # noqa: S608
    return int(added), int(changed), int(removed)


def _by_content(
    connection: duckdb.DuckDBPyConnection, pair: Sequence[str], compared: Sequence[str]
) -> tuple[int, None, int]:
    content = _content(compared)
    counted = [f"(select {content} as content, count(*) as n from {table} group by 1)" for table in pair]  # noqa: S608
    added, removed = connection.sql(f"""
        select coalesce(sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)), 0),
               coalesce(sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), 0)
        from {counted[0]} as a full join {counted[1]} as b using (content)""").fetchall()[0]  # noqa: S608
    return int(added), None, int(removed)


def _content(compared: Sequence[str]) -> str:
    """A hash of the compared columns, in SQL; without any, all rows are alike."""
    names = ", ".join(f'"{name}"' for name in compared)
    return f"hash({names})" if compared else "0::ubigint"


def _append(connection: duckdb.DuckDBPyConnection, entry: Entry, changes: Sequence[Change]) -> int:
    found = connection.execute("select coalesce(max(publication_id), 0) + 1 from target.meta.publications").fetchone()
    publication_id = int(found[0]) if found else 1
    labels = entry.labels
    present = [change for change in changes if change.status != "dropped"]
    connection.execute(
        "insert into target.meta.publications values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(publication_id, labels.run_id, labels.night, labels.as_of, labels.now, json.dumps(dict(labels.market))),
            *(len(present), sum(change.rows_after for change in present), entry.fingerprint, entry.rolled_back_to),
        ],
    )
    for change in changes:
        connection.execute(
            f"insert into target.meta.publication_changes values ({', '.join('?' * 11)})",  # noqa: S608
            [publication_id, *(list(value) if isinstance(value, tuple) else value for value in astuple(change))],
        )
    return publication_id


def _rows(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> int:
    found = connection.sql(f'select count(*) from {database}.marts."{table}"').fetchall()  # noqa: S608
    return int(found[0][0])
