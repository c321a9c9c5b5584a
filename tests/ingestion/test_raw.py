"""Raw promises: versions are kept, loads are idempotent and transactional, replay gives identical tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import HomeBusyError, RotationError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Batch
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock
from ingestion.warehouse.raw import LoadResult, RawTable

BARS = RawTable("bars", {"symbol": "varchar", "session_date": "date", "close": "double"}, ("symbol", "session_date"))
START = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    raw.prepare(connection)
    return connection


def load(connection: duckdb.DuckDBPyConnection, batch_id: int, *closes: float | None) -> LoadResult | None:
    known_at = START + timedelta(days=batch_id)
    batch = Batch(batch_id, "yahoo", "chart", known_at.date(), Path("unused"))
    rows: list[tuple[datetime, dict[str, object]]] = [
        (known_at, {"symbol": "SPY", "session_date": date(2026, 1, 16), "close": close}) for close in closes
    ]
    return raw.load(connection, BARS, batch, [Exchange(Request("SPY", "/"), Outcome.OK, known_at)], rows)


def stored(connection: duckdb.DuckDBPyConnection) -> list[tuple[float | None, int]]:
    return connection.execute("select close, _batch_id from raw.bars order by _batch_id").fetchall()


def test_a_restated_row_becomes_a_new_version_and_the_old_one_stays() -> None:
    connection = warehouse()
    assert load(connection, 1, 690.0) == LoadResult(1, 1, 0, 0, 0)
    assert load(connection, 2, 690.0) == LoadResult(1, 0, 0, 1, 0)
    assert load(connection, 3, 691.5) == LoadResult(1, 0, 1, 0, 0)
    assert load(connection, 4, 690.0) == LoadResult(1, 0, 1, 0, 0)  # back to the first value: a version of its own
    assert stored(connection) == [(690.0, 1), (691.5, 3), (690.0, 4)]


def test_loading_a_batch_twice_changes_nothing() -> None:
    connection = warehouse()
    load(connection, 1, 690.0)
    before = raw.content_hash(connection, "bars")
    assert load(connection, 1, 999.0) is None
    assert raw.content_hash(connection, "bars") == before
    assert connection.execute("select count(*) from meta.request_outcomes").fetchone() == (1,)


def test_a_key_twice_in_one_batch_keeps_the_last_and_is_counted() -> None:
    connection = warehouse()
    assert load(connection, 1, 690.0, 691.0) == LoadResult(2, 1, 0, 0, 1)
    assert stored(connection) == [(691.0, 1)]


def test_null_is_a_value_of_its_own_and_not_zero() -> None:
    connection = warehouse()
    load(connection, 1, None)
    assert load(connection, 2, 0.0) == LoadResult(1, 0, 1, 0, 0)
    assert stored(connection) == [(None, 1), (0.0, 2)]


def test_a_load_that_fails_leaves_neither_rows_nor_a_ledger_entry() -> None:
    connection = warehouse()
    batch = Batch(1, "yahoo", "chart", date(2026, 1, 16), Path("unused"))
    row: dict[str, object] = {"symbol": "SPY", "session_date": "no date", "close": 1.0}
    with pytest.raises(duckdb.ConversionException):
        raw.load(connection, BARS, batch, [], [(START, row)])
    assert not raw.is_loaded(connection, batch)
    assert load(connection, 1, 690.0) == LoadResult(1, 1, 0, 0, 0)


@given(st.lists(st.lists(st.sampled_from([None, 0.0, 1.0, 2.0]), min_size=1, max_size=3), min_size=1, max_size=6))
def test_replaying_the_batches_gives_identical_content(batches: list[list[float | None]]) -> None:
    hashes = []
    for _ in range(2):
        connection = warehouse()
        for number, closes in enumerate(batches, start=1):
            load(connection, number, *closes)
        hashes.append(raw.content_hash(connection, "bars"))
        newest = stored(connection)[-1][0]
        assert newest == batches[-1][-1]
    assert hashes[0] == hashes[1]


def test_names_that_could_change_a_statement_are_refused() -> None:
    with pytest.raises(RotationError, match="is not a table or column name"):
        RawTable("bars; drop table x", {"a": "varchar"}, ("a",))
    with pytest.raises(RotationError, match="unknown columns"):
        RawTable("bars", {"a": "varchar"}, ("b",))


def test_a_second_writer_is_told_who_holds_the_home(tmp_path: Path) -> None:
    with (
        writer_lock(tmp_path, "refresh"),
        pytest.raises(HomeBusyError, match=r"in use by refresh \(process \d+\)"),
        writer_lock(tmp_path, "backfill"),
    ):
        pass
    with writer_lock(tmp_path, "backfill"):
        assert "backfill" in (tmp_path / ".writer.lock").read_text()
