"""Promotion: only audited content, whole files, the same end however often it is interrupted."""

from __future__ import annotations

import json
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publishing import promote
from orchestration.publishing.promote import NotAuditedError, Publication, PublishError, publish
from orchestration.validation.rules import Run, Suite, Whole
from orchestration.validation.runner import validate_layer

NIGHT = date(2026, 1, 16)
AS_OF = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
SUITES = [Suite("marts", "daily", ("day",), Whole()), Suite("marts", "assets", ("symbol",), Whole())]


class Killed(BaseException):
    """Stands for a kill: nothing in the code under test may handle it."""


def write_marts(home: Path, days: int = 10) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema if not exists marts; create schema if not exists raw")
        connection.execute(f"""
            create or replace table marts.daily as
            select date '2026-01-01' + i::integer as day, i / 7 as value, {days} as days from range({days}) as r(i);
            comment on table marts.daily is 'One row per day; the reader''s own';
            comment on column marts.daily.value is 'A value';
            create or replace table marts.assets as select 'IWM' as symbol;
            create or replace table raw.bars as
            select 1.0 as close, 7::bigint as _batch_id, timestamptz '2026-01-17 10:30:00+00' as _known_at""")


def audit(home: Path) -> None:
    validate_layer(home / "warehouse.duckdb", SUITES, Run("run-1", NIGHT, AS_OF))


def promoted(home: Path, **changes: Any) -> Publication:
    labels = {"night": NIGHT, "as_of": AS_OF, "run_id": "run-1", "market": {"kind": "generated", "seed": 1}}
    return publish(home / "warehouse.duckdb", home / "published", **(labels | changes))


def read(home: Path, query: str) -> list[tuple[Any, ...]]:
    """As a reader does it: from a fresh in-memory connection per query."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'published' / 'rotation.duckdb'}' as rotation (read_only); use rotation")
        return connection.sql(query).fetchall()


def manifest(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "published" / "manifest.json").read_text())
    return found


def files(home: Path) -> set[str]:
    root = home / "published"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


WHOLE = {"rotation.duckdb", "manifest.json", "parquet/daily.parquet", "parquet/assets.parquet"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_marts(tmp_path)
    audit(tmp_path)
    return tmp_path


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
    assert found["sha256"] == result.sha256 == promote._sha256(result.path)


def test_readers_find_the_meta_tables_and_the_descriptions(home: Path) -> None:
    promoted(home)
    tables = {row[0] for row in read(home, "select table_name from duckdb_tables() where schema_name = 'meta'")}
    assert tables == {"publications", "batches", "validation_results", "coverage_gaps", "revisions"}
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


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    """Let the n-th step that touches the disk fail: every fsync and every rename is one."""
    steps = iter(range(1000))

    def failing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(steps) == step:
                raise failure
            return original(*arguments)

        return call

    monkeypatch.setattr(promote.os, "replace", failing(os.replace))
    monkeypatch.setattr(promote.os, "fsync", failing(os.fsync))


STEPS = 12


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


def test_the_kill_test_visits_every_step(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_at(STEPS, monkeypatch, Killed())
    assert promoted(home).changed
    write_marts(home, days=20)
    audit(home)
    kill_at(STEPS - 1, monkeypatch, Killed())
    with pytest.raises(Killed):
        promoted(home)


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
