"""The content of a publication: the marts and the ledger as one DuckDB file, and Parquet beside it.

Belongs here: building beside the old files, and proving by reading that what was built is what was audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ingestion.errors import RotationError
from orchestration.publishing import history, meta
from orchestration.publishing.files import DATABASE, PARQUET, fresh, one_line, quoted, sync
from orchestration.publishing.manifest import STORAGE_VERSION, columns, tables
from orchestration.validation import ledger


class PublishError(RotationError):
    """The publication cannot be written: free or fix the disk named in the text; readers still have the old one."""


def build(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    hashes: Mapping[str, str],
    *,
    old: Path | None,
    entry: history.Entry,
    grains: Mapping[str, history.Grain],
) -> int:
    """Build database and Parquet from the warehouse attached as `source`; returns the publication's id.

    `old` is the database whose history goes on.
    """
    path = fresh(published, DATABASE)
    connection.execute(f"attach {quoted(path)} as target (storage_version '{STORAGE_VERSION}')")
    connection.execute("create schema target.marts; create schema target.meta")
    for table in hashes:
        connection.execute(f'create table target.marts."{table}" as from source.marts."{table}"')
        _copy_comments(connection, table)
    present = tables(connection, "source", "meta")
    ledgers = [table for table in meta.TABLES if table not in history.TABLES]
    for ledger_table in ledgers:
        # Readers may ask for all of them, whatever this night had no need of.
        name, definition = ledger_table.name, meta.definition(ledger_table)
        content = f'as from source.meta."{name}"' if name in present else f"({definition})"
        connection.execute(f'create table target.meta."{name}" {content}')
    meta.describe(connection, ledgers)
    publication_id = history.record(connection, old, entry, grains)
    close(connection, path)
    folder = fresh(published, PARQUET)
    folder.mkdir()
    for table in hashes:
        file = folder / f"{table}.parquet"
        connection.execute(f"""copy source.marts."{table}" to {quoted(file)} (format parquet, compression zstd)""")
        sync(file)
    return publication_id


def close(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Let go of `target`, with everything in its file and nothing in a log beside it."""
    connection.execute("checkpoint target")
    connection.execute("detach target")
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path} was not written whole: its log is still there")
    sync(path)


def verify(published: Path, hashes: Mapping[str, str]) -> None:
    """Open what was built as a reader does and compare it with the audited hashes; raises `PublishError`."""
    path = fresh(published, DATABASE)
    try:
        with duckdb.connect(str(path), read_only=True) as reader:
            reader.execute("set TimeZone = 'UTC'")
            found = [
                row[0]
                for row in reader.sql("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            ]
            database = ledger.content_hashes(reader, "marts", found)
        with duckdb.connect() as reader:
            reader.execute("set TimeZone = 'UTC'; create schema marts")
            for table in hashes:
                file = fresh(published, PARQUET) / f"{table}.parquet"
                reader.execute(f'create view marts."{table}" as from read_parquet({quoted(file)})')
            parquet = ledger.content_hashes(reader, "marts", hashes)
    except duckdb.Error as error:
        raise PublishError(f"what was built in {published} cannot be read back ({one_line(error)})") from error
    for kind, read_back in (("database", database), ("Parquet", parquet)):
        if read_back != dict(hashes):
            differing = sorted(table for table in {*hashes, *read_back} if hashes.get(table) != read_back.get(table))
            raise PublishError(
                f"the {kind} built in {published} does not hold what was audited: marts.{', marts.'.join(differing)}; "
                "readers still have the last publication, check the disk and publish again"
            )


def _copy_comments(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The descriptions that dbt left on the mart: a BI tool shows them beside table and column."""
    found = connection.execute(
        """select comment from duckdb_tables()
        where database_name = 'source' and schema_name = 'marts' and table_name = ?""",
        [table],
    ).fetchone()
    if found and found[0]:
        connection.execute(f'comment on table target.marts."{table}" is {quoted(found[0])}')
    for name, _, comment in columns(connection, "source", "marts", table):
        if comment:
            connection.execute(f'comment on column target.marts."{table}"."{name}" is {quoted(comment)}')
