"""Raw promises: versions are kept, loads are idempotent and transactional, replay gives identical tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import RotationError, WarehouseError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Batch
from ingestion.warehouse import raw
from ingestion.warehouse.raw import LoadResult, RawTable

BARS = RawTable("bars", {"symbol": "varchar", "session_date": "date", "close": "double"}, ("symbol", "session_date"))
START = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    raw.prepare(connection, [BARS])
    return connection


def load(
    connection: duckdb.DuckDBPyConnection, batch_id: int, *closes: float | None, known_at: datetime | None = None
) -> LoadResult | None:
    known_at = known_at or START + timedelta(days=batch_id)
    batch = Batch(batch_id, "yahoo", "chart", known_at.date(), Path("unused"))
    rows = BARS.rows({"symbol": "SPY", "session_date": date(2026, 1, 16), "close": close} for close in closes)
    exchanges = [Exchange(Request("SPY", "/"), Outcome.OK, known_at)]
    results = raw.load(connection, batch, exchanges, [raw.arrived(BARS, [(known_at, rows)])])
    return results["bars"] if results else None


def in_use(connection: duckdb.DuckDBPyConnection) -> float | None:
    """The close that staging takes: the version that became known last."""
    newest = f"arg_max(close, ({raw.KNOWN_AT}, _batch_id))"
    found: list[tuple[float | None]] = connection.execute(f"select {newest} from raw.bars").fetchall()
    return found[0][0]


def stored(connection: duckdb.DuckDBPyConnection) -> list[tuple[float | None, int]]:
    return connection.execute("select close, _batch_id from raw.bars order by _batch_id").fetchall()


def test_a_restated_row_becomes_a_new_version_and_the_old_one_stays() -> None:
    connection = warehouse()
    assert load(connection, 1, 690.0) == LoadResult(1, 1, 0, 0, 0)
    assert load(connection, 2, 690.0) == LoadResult(1, 0, 0, 1, 0)
    assert load(connection, 3, 691.5) == LoadResult(1, 0, 1, 0, 0)
    assert load(connection, 4, 690.0) == LoadResult(1, 0, 1, 0, 0)  # back to the first value: a version of its own
    assert stored(connection) == [(690.0, 1), (691.5, 3), (690.0, 4)]


def test_what_arrives_after_the_clock_went_back_is_in_use_all_the_same() -> None:
    connection = warehouse()
    load(connection, 9, 690.0)
    load(connection, 10, 691.5, known_at=START)
    assert in_use(connection) == 691.5
    moments = connection.execute(f"select {raw.KNOWN_AT} from raw.bars order by _batch_id").fetchall()
    assert moments[0] == moments[1], "never known before the version it follows"
    told = connection.execute("select fetched_at from meta.request_outcomes where batch_id = 10").fetchall()
    assert told == [(START,)], "the ledger keeps what the clock said"
    assert connection.execute("select age_days from meta.revisions").fetchall() == [(0.0,)]


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
    rows = BARS.rows([{"symbol": "SPY", "session_date": date(2026, 1, 16), "close": 690.0}])
    loaded = raw.arrived(BARS, [(START, rows)])
    with pytest.raises(duckdb.CatalogException, match="missing"):
        raw.load(connection, batch, [], [loaded, replace(loaded, table=replace(BARS, name="missing"))])
    assert connection.execute("select count(*) from raw.bars").fetchone() == (0,)
    assert raw.loaded_batches(connection) == set()
    assert load(connection, 1, 690.0) == LoadResult(1, 1, 0, 0, 0)


def test_every_raw_table_exists_with_its_quarantine_before_anything_is_loaded() -> None:
    connection = warehouse()
    raw.prepare(connection, [BARS])  # again: nothing happens
    assert connection.execute("select count(*) from raw.bars").fetchone() == (0,)
    assert connection.execute("select count(*) from quarantine.bars").fetchone() == (0,)


def test_rows_hashed_by_an_older_version_are_refused_with_the_remedy_and_not_taken_for_changed() -> None:
    connection = warehouse()
    load(connection, 1, 690.0)
    connection.execute("alter table raw.bars alter _row_hash type varchar")
    with pytest.raises(WarehouseError, match=r"raw\.bars was written by an older version.*run 'rotation replay'"):
        raw.prepare(connection, [BARS])


def test_the_content_hash_is_the_same_in_any_time_zone_and_however_batches_were_cut() -> None:
    hashes = []
    for zone, batch_id in (("UTC", 1), ("America/New_York", 7)):
        connection = warehouse()
        connection.execute(f"set TimeZone = '{zone}'")
        batch = Batch(batch_id, "yahoo", "chart", date(2026, 1, 16), Path("unused"))
        rows = BARS.rows([{"symbol": "SPY", "session_date": date(2026, 1, 16), "close": 1.0}])
        raw.load(connection, batch, [], [raw.arrived(BARS, [(START, rows)])])
        hashes.append(raw.content_hash(connection, "bars"))
    assert hashes[0] == hashes[1]


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
