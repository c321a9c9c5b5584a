"""The last publications, kept whole under `published/versions/<publication id>/`, and going back to one of them.

Belongs here: keeping, pruning, choosing, restoring. A kept version is hard links to files that are only ever replaced,
so keeping one costs nothing until the next publication. A rollback builds a new file from a kept one, because the
history of publications inside it must go on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.publishing import history, manifest
from orchestration.publishing.database import PublishError, close
from orchestration.publishing.files import DATABASE, MANIFEST, NEW, PARQUET, VERSIONS, fresh, link, quoted, sync
from orchestration.publishing.manifest import Labels, Manifest


def kept(published: Path) -> dict[int, Path]:
    """The kept versions by publication id, oldest first."""
    found = {int(path.name): path for path in (published / VERSIONS).glob("[0-9]*") if path.name.isdigit()}
    return dict(sorted(found.items()))


def keep(published: Path, described: Manifest, count: int) -> None:
    """Keep the present publication, and no more than `count` in all."""
    publication_id = described.get("publication_id")
    if publication_id is None:  # published before versions were kept
        return
    folder = published / VERSIONS / f"{publication_id:06d}"
    if not folder.exists():
        built = folder.with_name(folder.name + NEW)
        (built / PARQUET).mkdir(parents=True)
        names = [DATABASE, MANIFEST, *(f"{PARQUET}/{table}.parquet" for table in described["tables"])]
        for name in names:
            link(published / name, built / name)
        sync(built / PARQUET)
        sync(built)
        os.replace(built, folder)
        sync(folder.parent)
    for path in list(kept(published).values())[: -max(count, 1)]:
        shutil.rmtree(path)


def choose(published: Path, version: int | None) -> int:
    """The version to go back to; raises `PublishError` naming those there are."""
    found = kept(published)
    listed = ", ".join(map(str, found)) or "none"
    if version is not None:
        if version not in found:
            raise PublishError(f"publication {version} is not kept in {published / VERSIONS}: choose one of {listed}")
        return version
    present = manifest.read(published) or {}
    base = present.get("rolled_back_to") or present.get("publication_id") or 0
    earlier = [number for number in found if number < base]
    if not earlier:
        raise PublishError(f"no version before the present publication is kept in {published / VERSIONS}: {listed}")
    return earlier[-1]


def restore(published: Path, version: int, run_id: str, now: datetime, grains: Mapping[str, history.Grain]) -> Manifest:
    """Build the files of a kept version beside the present ones, with the history of the present ones."""
    folder = kept(published)[version]
    described = manifest.read(folder)
    if described is None or not manifest.is_whole(folder, described):
        raise PublishError(f"the kept version {folder} is damaged: choose another one")
    root = described.get("rolled_back_to") or version
    labels = Labels(
        date.fromisoformat(described["night"]),
        datetime.fromisoformat(described["as_of"]),
        run_id,
        described["market"],
        now,
    )
    entry = history.Entry(labels, manifest.fingerprint(described), root)
    built = fresh(published, DATABASE)
    shutil.copyfile(folder / DATABASE, built)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {quoted(built)} as target")
        publication_id = history.record(connection, newest_readable(published), entry, grains)
        close(connection, built)
    fresh(published, PARQUET).mkdir()
    for table in described["tables"]:
        link(folder / PARQUET / f"{table}.parquet", fresh(published, PARQUET) / f"{table}.parquet")
    return described | {
        "publication_id": publication_id,
        "rolled_back_to": root,
        "run_id": run_id,
        "published_at": now.isoformat(),
    }


def finish(published: Path) -> Manifest:
    """Build again what a rollback that was killed half way had begun; its last record says which."""
    with duckdb.connect(str(published / DATABASE), read_only=True) as connection:
        found = connection.execute("""
            select rolled_back_to, run_id, epoch_us(published_at) from meta.publications
            order by publication_id desc limit 1""").fetchone()
    if found is None or found[0] not in kept(published):
        raise PublishError(f"the version to go back to is no longer kept in {published / VERSIONS}: publish again")
    return restore(published, int(found[0]), str(found[1]), datetime.fromtimestamp(found[2] / 1e6, tz=UTC), {})


def newest_readable(published: Path) -> Path | None:
    """The database that has the history: the published one, or where that cannot be read the newest kept one."""
    for path in (published / DATABASE, *(folder / DATABASE for folder in reversed(kept(published).values()))):
        try:
            if path.exists():
                duckdb.connect(str(path), read_only=True).close()
                return path
        except duckdb.Error:
            continue
    return None
