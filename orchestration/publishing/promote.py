"""Promotion: audited marts become `published/rotation.duckdb`, Parquet beside it, and a manifest, each replaced whole.

Belongs here: the audit check and the order of the steps. A reader has the old file or the new one, never a half.
The order is: build everything beside the old, read it back and compare it with what was audited, put the database in
place, then the Parquet files one by one, the manifest last. A run that is killed anywhere leaves a manifest that does
not describe the present content, so the next run publishes again and ends in the same; a run that finds its content
described already changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingestion.errors import RotationError
from orchestration.publishing import database, history, manifest, versions
from orchestration.publishing.database import PublishError
from orchestration.publishing.files import (
    DATABASE,
    MANIFEST,
    VERSIONS,
    fresh,
    one_line,
    quoted,
    remove_leftovers,
    replace,
    replace_parquet,
    sha256,
)
from orchestration.publishing.history import Grain
from orchestration.publishing.manifest import Labels, Manifest
from orchestration.validation import ledger

__all__ = ["Grain", "NotAuditedError", "Publication", "PublishError", "publish", "roll_back"]

KEEP_VERSIONS = 7
# How a full or failing disk is told: by Python, by a write of DuckDB, by its commit, by its checkpoint.
_DISK = (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)


class NotAuditedError(RotationError):
    """The marts hold something no gate let through: run the gates, and look at what they refuse."""


@dataclass(frozen=True)
class Publication:
    """What is published now. `changed` is false when nothing had to be written.

    `withheld` names the publication of exactly this content that a rollback took back: it is not published again.
    """

    path: Path
    manifest: Path
    publication_id: int
    changed: bool
    rows: int
    sha256: str
    tables: Mapping[str, int]
    withheld: int | None = None


def publish(
    warehouse: Path,
    published: Path,
    *,
    night: date,
    as_of: datetime,
    run_id: str,
    market: Mapping[str, object],
    now: datetime | None = None,
    grains: Mapping[str, Grain] | None = None,
    keep: int = KEEP_VERSIONS,
    again: bool = False,
) -> Publication:
    """Publish the marts of the warehouse, if the newest audit of exactly this content let every one of them through.

    `grains` says by which key two publications are compared; `keep` publications stay in `versions/`. Content that a
    rollback took back stays back unless `again`. Raises `NotAuditedError` naming the marts that were not audited, and
    `PublishError` when the disk refuses or what was built is not what was audited.
    """
    labels = Labels(night, as_of, run_id, market, now or datetime.now(UTC))
    with _writing(published):
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            _attach(connection, warehouse)
            hashes = _audited(connection)
            described = manifest.describe(connection, hashes, labels)
            print_of_it = manifest.fingerprint(described)
            old = versions.newest_readable(published)
            taken_back = history.withdrawn(connection, old)
            if not again and print_of_it in taken_back:
                return _held_back(published, keep, taken_back[print_of_it])
            present = manifest.read(published)
            if (
                present is not None
                and manifest.fingerprint(present) == print_of_it
                and manifest.is_whole(published, present)
            ):
                versions.keep(published, present, keep)
                return _publication(published, present, changed=False)
            entry = history.Entry(labels, print_of_it)
            described["publication_id"] = database.build(
                connection, published, hashes, old=old, entry=entry, grains=grains or {}
            )
            connection.execute("use memory")
            connection.execute("detach source")
        return _put_in_place(published, described, keep)


def roll_back(
    published: Path,
    version: int | None = None,
    *,
    run_id: str,
    now: datetime | None = None,
    grains: Mapping[str, Grain] | None = None,
    keep: int = KEEP_VERSIONS,
) -> Publication:
    """Publish a kept version again, by default the one before the present; the history goes on and says so.

    Raises `PublishError` when there is no such version, or it is not whole.
    """
    with _writing(published):
        chosen = versions.choose(published, version)
        moment = now or datetime.now(UTC)
        described = versions.restore(published, chosen, run_id, moment, grains or {})
        return _put_in_place(published, described, keep)


def _put_in_place(published: Path, described: Manifest, keep: int) -> Publication:
    hashes = manifest.content_hashes(described)
    database.verify(published, hashes)
    built = fresh(published, DATABASE)
    described |= {"sha256": sha256(built), "bytes": built.stat().st_size}
    replace(built, published / DATABASE)
    replace_parquet(published, hashes)
    manifest.write(published, described)
    versions.keep(published, described, keep)
    return _publication(published, described, changed=True)


def _held_back(published: Path, keep: int, withheld: int) -> Publication:
    """What stays published; a rollback that was killed half way is brought to its end first."""
    present = manifest.read(published)
    if present is None or not manifest.is_whole(published, present):
        described = versions.finish(published)
        return _put_in_place(published, described, keep)
    return _publication(published, present, changed=False, withheld=withheld)


@contextmanager
def _writing(published: Path) -> Iterator[None]:
    """A clean folder to begin with and after a failure; what the disk refuses is one line."""
    try:
        published.mkdir(parents=True, exist_ok=True)
        remove_leftovers(published)
        remove_leftovers(published / VERSIONS)
        try:
            yield
        except (*_DISK, PublishError):
            remove_leftovers(published)
            raise
    except _DISK as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
        raise PublishError(
            f"{published} cannot be written ({reason}): readers still have the last publication"
        ) from error


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    if not warehouse.exists():
        raise NotAuditedError(f"there is no warehouse {warehouse}: run a night first")
    try:
        connection.execute(f"attach {quoted(warehouse)} as source (read_only)")
    except duckdb.Error as error:
        raise PublishError(f"the warehouse {warehouse} cannot be read ({one_line(error)})") from error
    connection.execute("use source")


def _audited(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The content hash of every mart; raises `NotAuditedError` unless each passed its gate with exactly that."""
    marts = manifest.tables(connection, "source", "marts")
    if not marts:
        raise NotAuditedError("there are no marts to publish: run a night first")
    hashes = ledger.content_hashes(connection, "marts", marts)
    known = "validation_results" in manifest.tables(connection, "source", "meta")
    refused = [
        f"marts.{table}" for table in marts if not known or not ledger.passed(connection, "marts", table, hashes[table])
    ]
    if refused:
        raise NotAuditedError(
            f"no gate let this content through: {', '.join(refused)}; nothing was published, run the night again"
        )
    return hashes


def _publication(published: Path, described: Manifest, *, changed: bool, withheld: int | None = None) -> Publication:
    rows = {name: int(table["rows"]) for name, table in described["tables"].items()}
    return Publication(
        *(published / DATABASE, published / MANIFEST, int(described.get("publication_id", 0)), changed),
        *(sum(rows.values()), str(described["sha256"]), rows, withheld),
    )
