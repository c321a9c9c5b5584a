"""The manifest: what a publication holds, from which inputs, made with which versions.

Belongs here: its making, reading and comparing. It is written last: what it describes is in place.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.files import DATABASE, MANIFEST, PARQUET, fresh, replace, sha256

Manifest = dict[str, Any]
# Of the published file. Another one is published anew, so that no reader misses a table it may ask for.
SCHEMA_VERSION = 4
# The oldest format that our types need: readers from DuckDB 1.2 on open it.
STORAGE_VERSION = "v1.2.0"
_PACKAGES = ("rotation", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
# What a run writes anew even when nothing happened: not a reason to publish again.
_VOLATILE = ("run_id", "published_at", "publication_id", "rolled_back_to", "sha256", "bytes")


@dataclass(frozen=True)
class Labels:
    """Which night is published, as known when, by which run, from which market, at what moment."""

    night: date
    as_of: datetime
    run_id: str
    market: Mapping[str, object]
    now: datetime


def describe(connection: duckdb.DuckDBPyConnection, hashes: Mapping[str, str], labels: Labels) -> Manifest:
    """The manifest of the marts with these content hashes; the warehouse is attached as `source`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "market": dict(labels.market),
        "night": labels.night.isoformat(),
        "as_of": labels.as_of.astimezone(UTC).isoformat(),
        "run_id": labels.run_id,
        "published_at": labels.now.astimezone(UTC).isoformat(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "storage_version": STORAGE_VERSION,
        "tables": {
            table: {
                "rows": int(content.split(":")[0]),
                "content_hash": content,
                "columns": {name: kind for name, kind, _ in columns(connection, "source", "marts", table)},
            }
            for table, content in hashes.items()
        },
        "inputs": {table: _vintage(connection, table) for table in tables(connection, "source", "raw")},
    }


def content_hashes(manifest: Manifest) -> dict[str, str]:
    """The content hash of each published mart."""
    return {table: described["content_hash"] for table, described in manifest["tables"].items()}


def fingerprint(manifest: Manifest) -> str:
    """The same for two manifests that describe the same content of the same night."""
    lasting = {name: value for name, value in manifest.items() if name not in _VOLATILE}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()


def read(folder: Path) -> Manifest | None:
    """The manifest of a publication or a kept version; None where there is none that can be read."""
    try:
        found: Manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of a folder."""
    built = fresh(folder, MANIFEST)
    built.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    replace(built, folder / MANIFEST)


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether the files that the manifest describes are there and unchanged."""
    database = folder / DATABASE
    parquet = (folder / PARQUET / f"{table}.parquet" for table in manifest["tables"])
    return database.exists() and sha256(database) == manifest["sha256"] and all(path.exists() for path in parquet)


def tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    """Tables and views of one schema of an attached database, by name."""
    found = connection.execute(
        """select table_name from information_schema.tables
        where table_catalog = ? and table_schema = ? order by 1""",
        [database, schema],
    ).fetchall()
    return [row[0] for row in found]


def columns(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str
) -> list[tuple[str, str, str | None]]:
    """Name, type and comment of each column of a table of an attached database."""
    return connection.execute(
        """select column_name, data_type, comment from duckdb_columns()
        where database_name = ? and schema_name = ? and table_name = ? order by column_index""",
        [database, schema, table],
    ).fetchall()


def _vintage(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, object]:
    rows, first, last, known = connection.sql(
        f"select count(*), min(_batch_id), max(_batch_id), max(_known_at)::varchar "  # noqa: S608
        f'from source.raw."{table}"'
    ).fetchall()[0]
    return {"rows": rows, "first_batch_id": first, "last_batch_id": last, "newest_known_at": known}
