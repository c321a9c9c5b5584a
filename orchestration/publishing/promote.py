"""Promotion: audited marts become `published/rotation.duckdb`, Parquet beside it, and a manifest, each replaced whole.

Belongs here: the audit check, the copy and the replacing. A reader has the old file or the new one, never a half.
The order is: build everything beside the old, put the database in place, then the Parquet files one by one, the
manifest last. A run that is killed anywhere leaves a manifest that does not describe the present content, so the next
run publishes again and ends in the same; a run that finds its content described already changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from ingestion.errors import RotationError
from orchestration.validation import ledger

SCHEMA_VERSION = 1
# The oldest format that our types need: readers from DuckDB 1.2 on open it.
STORAGE_VERSION = "v1.2.0"
DATABASE, PARQUET, MANIFEST = "rotation.duckdb", "parquet", "manifest.json"
_NEW = ".new"
_PACKAGES = ("rotation", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
# Filled by later features; readers may already ask for them.
_EMPTY = {
    "batches": "batch_id bigint, source varchar, dataset varchar, night date, table_name varchar",
    "validation_results": "run_id varchar, schema_name varchar, table_name varchar, expectation varchar",
    "coverage_gaps": "source varchar, dataset varchar, unit varchar, night date, reason varchar",
    "revisions": (
        "source varchar, dataset varchar, table_name varchar, row_key varchar, column_name varchar, old_value varchar, "
        "new_value varchar, relative_change double, first_known_at timestamptz, revised_at timestamptz, "
        "age_days double, reason varchar, batch_id bigint"
    ),
}
# How a full or failing disk is told: by Python, by a write of DuckDB, by its commit, by its checkpoint.
_DISK = (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)
# What a run writes anew even when nothing happened: not a reason to publish again.
_VOLATILE = ("run_id", "published_at", "sha256", "bytes")


class NotAuditedError(RotationError):
    """The marts hold something no gate let through: run the gates, and look at what they refuse."""


class PublishError(RotationError):
    """The publication cannot be written: free or fix the disk named in the text; readers still have the old one."""


@dataclass(frozen=True)
class Publication:
    """What was published. `changed` is false when exactly this content was published before."""

    path: Path
    manifest: Path
    changed: bool
    rows: int
    sha256: str
    tables: Mapping[str, int]


def publish(
    warehouse: Path,
    published: Path,
    *,
    night: date,
    as_of: datetime,
    run_id: str,
    market: Mapping[str, object],
    now: datetime | None = None,
) -> Publication:
    """Publish the marts of the warehouse, if the newest audit of exactly this content let every one of them through.

    Raises `NotAuditedError` naming the marts that were not, and `PublishError` when the disk refuses.
    """
    try:
        published.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(published)
        try:
            return _publish(warehouse, published, (night, as_of, run_id, market, now or datetime.now(UTC)))
        except _DISK:
            _remove_leftovers(published)
            raise
    except _DISK as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else _one_line(error)
        raise PublishError(
            f"{published} cannot be written ({reason}): readers still have the last publication"
        ) from error


_Labels = tuple[date, datetime, str, Mapping[str, object], datetime]


def _publish(warehouse: Path, published: Path, labels: _Labels) -> Publication:
    if not warehouse.exists():
        raise NotAuditedError(f"there is no warehouse {warehouse}: run a night first")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        _attach(connection, warehouse)
        hashes = _audited(connection)
        manifest = _manifest(connection, hashes, labels)
        present = _read_manifest(published)
        if present is not None and _same(present, manifest) and _complete(published, present):
            return _publication(published, present, changed=False)
        _build_database(connection, published, hashes, labels, _fingerprint(manifest))
        _build_parquet(connection, published / (PARQUET + _NEW), hashes)
        connection.execute("use memory")
        connection.execute("detach source")
    built = published / (DATABASE + _NEW)
    manifest |= {"sha256": _sha256(built), "bytes": built.stat().st_size}
    _replace(built, published / DATABASE)
    _replace_parquet(published, hashes)
    fresh = published / (MANIFEST + _NEW)
    fresh.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    _replace(fresh, published / MANIFEST)
    return _publication(published, manifest, changed=True)


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    try:
        connection.execute(f"attach {_quoted(warehouse)} as source (read_only)")
    except duckdb.Error as error:
        raise PublishError(f"the warehouse {warehouse} cannot be read ({_one_line(error)})") from error
    connection.execute("use source")


def _audited(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The content hash of every mart; raises `NotAuditedError` unless each passed its gate with exactly that."""
    marts = _tables(connection, "marts")
    if not marts:
        raise NotAuditedError("there are no marts to publish: run a night first")
    hashes = ledger.content_hashes(connection, "marts", marts)
    known = "validation_results" in _tables(connection, "meta")
    refused = [
        f"marts.{table}" for table in marts if not known or not ledger.passed(connection, "marts", table, hashes[table])
    ]
    if refused:
        raise NotAuditedError(
            f"no gate let this content through: {', '.join(refused)}; nothing was published, run the night again"
        )
    return hashes


def _manifest(connection: duckdb.DuckDBPyConnection, hashes: Mapping[str, str], labels: _Labels) -> dict[str, object]:
    night, as_of, run_id, market, now = labels
    return {
        "schema_version": SCHEMA_VERSION,
        "market": dict(market),
        "night": night.isoformat(),
        "as_of": as_of.astimezone(UTC).isoformat(),
        "run_id": run_id,
        "published_at": now.astimezone(UTC).isoformat(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "storage_version": STORAGE_VERSION,
        "tables": {
            table: {
                "rows": int(content.split(":")[0]),
                "content_hash": content,
                "columns": {name: kind for name, kind, _ in _columns(connection, "marts", table)},
            }
            for table, content in hashes.items()
        },
        "inputs": {table: _vintage(connection, table) for table in _tables(connection, "raw")},
    }


def _vintage(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, object]:
    rows, first, last, known = connection.sql(
        f'select count(*), min(_batch_id), max(_batch_id), max(_known_at)::varchar from raw."{table}"'  # noqa: S608
    ).fetchall()[0]
    return {"rows": rows, "first_batch_id": first, "last_batch_id": last, "newest_known_at": known}


def _build_database(
    connection: duckdb.DuckDBPyConnection, published: Path, hashes: Mapping[str, str], labels: _Labels, fingerprint: str
) -> None:
    path = published / (DATABASE + _NEW)
    connection.execute(f"attach {_quoted(path)} as target (storage_version '{STORAGE_VERSION}')")
    connection.execute("create schema target.marts; create schema target.meta")
    for table in hashes:
        connection.execute(f'create table target.marts."{table}" as from source.marts."{table}"')
        _copy_comments(connection, table)
    present = _tables(connection, "meta")
    for table, columns in _EMPTY.items():
        content = f'as from source.meta."{table}"' if table in present else f"({columns})"
        connection.execute(f'create table target.meta."{table}" {content}')
    _record_publication(connection, published / DATABASE, labels, hashes, fingerprint)
    connection.execute("checkpoint target")
    connection.execute("detach target")
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path} was not written whole: its log is still there")
    _sync(path)


def _record_publication(
    connection: duckdb.DuckDBPyConnection, old: Path, labels: _Labels, hashes: Mapping[str, str], fingerprint: str
) -> None:
    """Carry the history of publications over from the file being replaced, and add this one.

    The history lives in the published file alone: it is then true by construction, whenever a run is killed.
    """
    night, as_of, run_id, market, now = labels
    connection.execute("""
        create table target.meta.publications (
            publication_id bigint, run_id varchar, night date, as_of timestamptz, published_at timestamptz,
            market json, tables bigint, row_count bigint, fingerprint varchar)""")
    if old.exists():
        connection.execute(f"attach {_quoted(old)} as old (read_only)")
        # The same content again means that the run before was killed after its rename: one publication, not two.
        connection.execute(
            "insert into target.meta.publications from old.meta.publications "
            "where fingerprint <> ? or publication_id < (select max(publication_id) from old.meta.publications)",
            [fingerprint],
        )
        connection.execute("detach old")
    rows = sum(int(content.split(":")[0]) for content in hashes.values())
    connection.execute(
        """insert into target.meta.publications
        select coalesce(max(publication_id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? from target.meta.publications""",
        [run_id, night, as_of, now, json.dumps(dict(market)), len(hashes), rows, fingerprint],
    )


def _copy_comments(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The descriptions that dbt left on the mart: a BI tool shows them beside table and column."""
    found = connection.execute(
        """select comment from duckdb_tables()
        where database_name = 'source' and schema_name = 'marts' and table_name = ?""",
        [table],
    ).fetchone()
    if found and found[0]:
        connection.execute(f'comment on table target.marts."{table}" is {_quoted(found[0])}')
    for name, _, comment in _columns(connection, "marts", table):
        if comment:
            connection.execute(f'comment on column target.marts."{table}"."{name}" is {_quoted(comment)}')


def _build_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, hashes: Mapping[str, str]) -> None:
    folder.mkdir()
    for table in hashes:
        path = folder / f"{table}.parquet"
        connection.execute(f"""copy source.marts."{table}" to {_quoted(path)} (format parquet, compression zstd)""")
        _sync(path)


def _replace_parquet(published: Path, hashes: Mapping[str, str]) -> None:
    """File by file: each is whole at any moment. The manifest, written last, says which content they are."""
    folder, fresh = published / PARQUET, published / (PARQUET + _NEW)
    folder.mkdir(exist_ok=True)
    for table in hashes:
        os.replace(fresh / f"{table}.parquet", folder / f"{table}.parquet")
    for path in folder.glob("*.parquet"):
        if path.stem not in hashes:
            path.unlink()
    fresh.rmdir()
    _sync(folder)


def _replace(fresh: Path, final: Path) -> None:
    _sync(fresh)
    os.replace(fresh, final)
    _sync(final.parent)


def _remove_leftovers(published: Path) -> None:
    """What a killed run left behind."""
    for path in published.glob(f"*{_NEW}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_manifest(published: Path) -> dict[str, object] | None:
    try:
        found: dict[str, object] = json.loads((published / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def _same(present: Mapping[str, object], manifest: Mapping[str, object]) -> bool:
    return _fingerprint(present) == _fingerprint(manifest)


def _fingerprint(manifest: Mapping[str, object]) -> str:
    lasting = {name: value for name, value in manifest.items() if name not in _VOLATILE}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()


def _complete(published: Path, present: Mapping[str, object]) -> bool:
    """Whether the files that the manifest describes are still there and whole."""
    tables = present["tables"]
    files = [published / PARQUET / f"{table}.parquet" for table in (tables if isinstance(tables, dict) else ())]
    database = published / DATABASE
    return database.exists() and _sha256(database) == present["sha256"] and all(path.exists() for path in files)


def _publication(published: Path, manifest: Mapping[str, object], *, changed: bool) -> Publication:
    described = manifest["tables"]
    tables = {name: int(table["rows"]) for name, table in described.items()} if isinstance(described, dict) else {}
    return Publication(
        *(published / DATABASE, published / MANIFEST, changed),
        *(sum(tables.values()), str(manifest["sha256"]), tables),
    )


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """Tables and views of one schema of the warehouse, by name."""
    found = connection.execute(
        """select table_name from information_schema.tables
        where table_catalog = 'source' and table_schema = ? order by 1""",
        [schema],
    ).fetchall()
    return [row[0] for row in found]


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple[str, str, str | None]]:
    return connection.execute(
        """select column_name, data_type, comment from duckdb_columns()
        where database_name = 'source' and schema_name = ? and table_name = ? order by column_index""",
        [schema, table],
    ).fetchall()


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
