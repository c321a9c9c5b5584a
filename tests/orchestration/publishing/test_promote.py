"""Promotion: only audited content, whole files, the same end however often it is interrupted."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_marts import Killed, audit, files, kept, kill_at, manifest, promoted, read, write_marts

from orchestration.publishing import database, history
from orchestration.publishing.files import sha256
from orchestration.publishing.promote import NotAuditedError, PublishError

WHOLE = {"rotation.duckdb", "manifest.json", "parquet/daily.parquet", "parquet/assets.parquet"}


def test_audited_marts_are_published_with_their_manifest(home: Path) -> None:
    result = promoted(home)
    assert (result.changed, result.rows, result.tables) == (True, 11, {"assets": 1, "daily": 10})
    assert files(home) == WHOLE
    assert read(home, "select count(*), sum(value) from marts.daily") == [(10, sum(i / 7 for i in range(10)))]
    with duckdb.connect() as connection:
        assert connection.sql(f"select count(*) from '{home}/published/parquet/daily.parquet'").fetchall() == [(10,)]
    found = manifest(home)
    assert found["market"] == {"kind": "generated", "seed": 1}
    assert (found["night"], found["as_of"], found["run_id"]) == ("2026-01-16", "2026-01-17T10:30:00+00:00", "run-1")
    assert found["tables"]["daily"]["rows"] == 10
    assert found["tables"]["daily"]["columns"] == {"day": "DATE", "value": "DOUBLE", "days": "INTEGER"}
    assert found["inputs"]["bars"] == {
        "rows": 1,
        "first_batch_id": 7,
        "last_batch_id": 7,
        "newest_known_at": "2026-01-17 10:30:00+00",
    }
    assert found["versions"]["duckdb"] == duckdb.__version__
    assert found["sha256"] == result.sha256 == sha256(result.path)


def test_readers_find_the_meta_tables_and_the_descriptions(home: Path) -> None:
    promoted(home)
    tables = {row[0] for row in read(home, "select table_name from duckdb_tables() where schema_name = 'meta'")}
    assert tables == {
        "publications",
        "publication_changes",
        "quarantine",
        "batches",
        "validation_results",
        "coverage",
        "coverage_gaps",
        "revisions",
    }
    assert read(home, "select count(*) from meta.validation_results where status = 'passed'") == [(6,)]
    assert read(home, "select market ->> 'kind', row_count from meta.publications") == [("generated", 11)]
    comments = read(
        home, "select comment from duckdb_tables() where table_name = 'daily' and database_name = 'rotation'"
    )
    assert comments == [("One row per day; the reader's own",)]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'published' / 'rotation.duckdb'}' as rotation (read_only)")
        tags = connection.sql("select tags from duckdb_databases() where database_name = 'rotation'").fetchall()
    assert "v1.2.0" in str(tags)


@pytest.mark.parametrize(
    ("break_audit", "named"),
    [
        pytest.param("insert into marts.daily values (date '2027-01-01', 1, 1)", "marts.daily", id="content changed"),
        pytest.param("create table marts.extra as select 1 as a", "marts.extra", id="a mart without a gate"),
        pytest.param("delete from meta.validation_results", "marts.assets, marts.daily", id="no audit at all"),
        pytest.param(
            "update meta.validation_results set status = 'error' where table_name = 'assets'",
            "marts.assets",
            id="could not be judged",
        ),
        pytest.param("drop schema marts cascade", "there are no marts", id="nothing built"),
        pytest.param("drop schema meta cascade", "marts.assets, marts.daily", id="no ledger"),
    ],
)
def test_content_that_no_gate_let_through_is_refused(home: Path, break_audit: str, named: str) -> None:
    promoted(home)
    before = (home / "published" / "rotation.duckdb").read_bytes()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(break_audit)
    with pytest.raises(NotAuditedError, match=named):
        promoted(home)
    assert (home / "published" / "rotation.duckdb").read_bytes() == before
    assert files(home) == WHOLE


def test_publishing_the_same_content_again_changes_nothing(home: Path) -> None:
    promoted(home)
    paths = [home / "published" / name for name in sorted(WHOLE)]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    audit(home)
    assert promoted(home, run_id="run-2").changed is False
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before


@pytest.mark.parametrize("lost", sorted(WHOLE))
def test_a_lost_file_is_published_again(home: Path, lost: str) -> None:
    promoted(home)
    (home / "published" / lost).unlink()
    assert promoted(home).changed
    assert files(home) == WHOLE


def test_a_damaged_file_is_published_again(home: Path) -> None:
    promoted(home)
    with (home / "published" / "rotation.duckdb").open("ab") as handle:
        handle.write(b"x")
    assert promoted(home).changed


def test_a_dropped_mart_leaves_and_publications_are_a_history(home: Path) -> None:
    promoted(home)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("drop table marts.assets")
    assert promoted(home, night=date(2026, 1, 17)).changed
    assert files(home) == WHOLE - {"parquet/assets.parquet"}
    assert read(home, "select publication_id, night from meta.publications order by all") == [
        (1, date(2026, 1, 16)),
        (2, date(2026, 1, 17)),
    ]


STEPS = 20  # flushes, renames and links of one publication


@pytest.mark.parametrize("step", range(STEPS))
def test_killed_at_any_step_a_reader_is_served_and_the_next_run_ends_in_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    promoted(home)
    write_marts(home, days=20)
    audit(home)
    with monkeypatch.context() as patched:
        kill_at(step, patched, Killed())
        with pytest.raises(Killed):
            promoted(home)
    assert read(home, "select count(*) = max(days) from marts.daily") == [(True,)]
    promoted(home)
    assert read(home, "select count(*) from marts.daily") == [(20,)]
    assert files(home) == WHOLE
    assert manifest(home)["tables"]["daily"]["rows"] == 20
    assert read(home, "select publication_id, row_count from meta.publications order by all") == [(1, 11), (2, 21)]
    assert promoted(home).changed is False
    assert kept(home) == {1: 10, 2: 20}


def test_the_kill_test_visits_every_step(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_at(STEPS, monkeypatch, Killed())
    assert promoted(home).changed
    write_marts(home, days=20)
    audit(home)
    kill_at(STEPS - 1, monkeypatch, Killed())
    with pytest.raises(Killed):
        promoted(home)


def test_a_database_that_does_not_hold_what_was_audited_never_reaches_a_reader(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(home)
    write_marts(home, days=20)
    audit(home)
    record: Callable[..., int] = history.record

    def losing(connection: duckdb.DuckDBPyConnection, *arguments: Any) -> int:
        connection.execute("update target.marts.daily set value = 0 where day = date '2026-01-20'")
        return record(connection, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(history, "record", losing)
        with pytest.raises(PublishError, match=r"^the database built in .* not hold what was audited: marts\.daily;"):
            promoted(home)
    assert read(home, "select count(*) from marts.daily") == [(10,)]
    assert files(home) == WHOLE
    assert promoted(home).changed


def test_parquet_that_does_not_hold_what_was_audited_never_reaches_a_reader(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiling(path: Path) -> None:
        if path.name == "assets.parquet":
            pq.write_table(pa.table({"symbol": ["SPY"]}), path)

    with monkeypatch.context() as patched:
        patched.setattr(database, "sync", spoiling)
        with pytest.raises(PublishError, match=r"^the Parquet built in .* not hold what was audited: marts\.assets;"):
            promoted(home)
    assert files(home) == set()


@pytest.mark.parametrize("step", [0, 2, 4])
def test_a_full_disk_is_one_line_and_leaves_the_old_publication(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    promoted(home)
    write_marts(home, days=20)
    audit(home)
    with monkeypatch.context() as patched:
        kill_at(step, patched, OSError(28, "No space left on device"))
        with pytest.raises(PublishError, match=r"^[^\n]*No space left on device[^\n]*$"):
            promoted(home)
    assert read(home, "select count(*) from marts.daily") == [(10,)]
    assert files(home) == WHOLE


@contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """The kernel refuses larger files, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [1_000, 50_000, 300_000])
def test_a_disk_that_refuses_the_database_itself_is_one_line_too(home: Path, limit: int) -> None:
    promoted(home)
    write_marts(home, days=50_000)
    audit(home)
    with file_size_limit(limit), pytest.raises(PublishError, match=r"^[^\n]* cannot be written \([^\n]*$"):
        promoted(home)
    assert read(home, "select count(*) from marts.daily") == [(10,)]
    assert files(home) == WHOLE
    assert promoted(home).changed


def test_an_unusable_folder_is_one_line(home: Path) -> None:
    (home / "published").write_text("a file where the folder should be")
    with pytest.raises(PublishError, match=r"^[^\n]*published cannot be written \([^\n]*$"):
        promoted(home)


def test_no_warehouse_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotAuditedError, match="run a night first"):
        promoted(tmp_path)


def test_readers_see_the_old_or_the_new_publication_and_never_wait(home: Path) -> None:
    promoted(home)
    stop, seen, failures = threading.Event(), set[tuple[Any, ...]](), list[Exception]()

    def poll() -> None:
        while not stop.is_set():
            try:
                seen.update(read(home, "select count(*), min(days), max(days) from marts.daily"))
            except Exception as error:  # any failure of a reader is what this test looks for
                failures.append(error)

    reader = threading.Thread(target=poll)
    reader.start()
    sizes = [10, *(100 * number for number in range(1, 9))]
    try:
        for days in sizes[1:]:
            write_marts(home, days)
            audit(home)
            promoted(home)
    finally:
        stop.set()
        reader.join()
    assert failures == []
    assert len(seen) > 1
    assert seen <= {(days, days, days) for days in sizes}
