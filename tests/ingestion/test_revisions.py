"""What a provider changed is written down with its size and age, whoever changed it and however silently."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Batch
from ingestion.warehouse import raw
from ingestion.warehouse.raw import RawTable

BARS = RawTable(
    "bars",
    {"symbol": "varchar", "session_date": "date", "close": "double", "trades": "bigint", "note": "varchar"},
    ("symbol", "session_date"),
)
START = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    raw.prepare(connection, [BARS])
    return connection


def load(
    connection: duckdb.DuckDBPyConnection,
    batch_id: int,
    rows: list[Mapping[str, object]],
    body: bytes = b"",
    kind: str = "",
) -> None:
    known_at = START + timedelta(days=batch_id - 1)
    batch = Batch(batch_id, "yahoo", "chart", known_at.date(), Path("unused"))
    exchanges = [Exchange(Request("SPY", "/", kind=kind), Outcome.OK, known_at)] if kind else []
    exchanges.append(Exchange(Request("SPY", "/"), Outcome.OK, known_at, body=body))
    told = [{"symbol": "SPY", "session_date": date(2026, 1, 16), "trades": 3, "note": "a"} | dict(row) for row in rows]
    raw.load(connection, batch, exchanges, [raw.arrived(BARS, [(known_at, BARS.rows(told))])])


def revisions(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[object, ...]]:
    return connection.execute(
        f"select {columns} from meta.revisions order by batch_id, row_key, column_name"
    ).fetchall()


def test_each_value_that_changed_is_a_row_with_its_relative_size_and_age(warehouse: duckdb.DuckDBPyConnection) -> None:
    load(warehouse, 1, [{"close": 100.0}])
    load(warehouse, 2, [{"close": 100.0}])
    load(warehouse, 4, [{"close": 95.0, "note": "b"}])
    assert revisions(warehouse, "table_name, row_key, column_name, old_value, new_value, relative_change, reason") == [
        ("bars", '{"symbol":"SPY","session_date":"2026-01-16"}', "close", "100.0", "95.0", -0.05, "restated"),
        ("bars", '{"symbol":"SPY","session_date":"2026-01-16"}', "note", "a", "b", None, "restated"),
    ]
    assert set(revisions(warehouse, "source, dataset, first_known_at, revised_at, age_days, batch_id")) == {
        ("yahoo", "chart", START, START + timedelta(days=3), 3.0, 4)
    }


def test_age_runs_from_the_first_version_and_size_from_the_newest(warehouse: duckdb.DuckDBPyConnection) -> None:
    for batch_id, close in ((1, 100.0), (2, 200.0), (3, 100.0)):
        load(warehouse, batch_id, [{"close": close}])
    assert revisions(warehouse, "old_value, new_value, relative_change, age_days") == [
        ("100.0", "200.0", 1.0, 1.0),
        ("200.0", "100.0", -0.5, 2.0),
    ]


def test_a_value_that_appears_or_is_withdrawn_has_no_size_and_says_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    for batch_id, close in ((1, None), (2, 1.0), (3, None), (4, 0.0), (5, 2.0)):
        load(warehouse, batch_id, [{"close": close}])
    assert revisions(warehouse, "relative_change, reason") == [
        (None, "appeared"),
        (None, "withdrawn"),
        (None, "appeared"),
        (None, "restated"),  # from zero: no relative size
    ]


def test_new_rows_are_no_revisions(warehouse: duckdb.DuckDBPyConnection) -> None:
    load(warehouse, 1, [{"close": 1.0}])
    load(warehouse, 2, [{"close": 1.0}, {"symbol": "IWM", "close": 5.0}])
    assert revisions(warehouse, "*") == []


def test_a_file_issued_again_in_silence_is_seen_even_where_no_row_changed(warehouse: duckdb.DuckDBPyConnection) -> None:
    load(warehouse, 1, [{"close": 1.0}], b"zip", kind="checksum")
    load(warehouse, 2, [{"close": 1.0}], b"zip", kind="checksum")
    load(warehouse, 3, [{"close": 1.0}], b"another zip", kind="checksum")
    old, new = (hashlib.sha256(body).hexdigest() for body in (b"zip", b"another zip"))
    assert revisions(warehouse, "row_key, column_name, old_value, new_value, age_days, reason, batch_id") == [
        ("SPY", "body_sha256", old, new, 2.0, "reissued_file", 3)
    ]


def test_an_answer_without_a_checksum_may_differ_every_night(warehouse: duckdb.DuckDBPyConnection) -> None:
    load(warehouse, 1, [{"close": 1.0}], b"one", kind="catalog")
    load(warehouse, 2, [{"close": 1.0}], b"two", kind="catalog")
    assert revisions(warehouse, "*") == []


def test_a_batch_loaded_twice_is_revised_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    load(warehouse, 1, [{"close": 1.0}])
    for _ in range(2):
        load(warehouse, 2, [{"close": 2.0}])
    assert len(revisions(warehouse, "*")) == 1


def test_keys_of_any_text_are_compared_with_their_own_versions(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = [{"symbol": symbol, "close": 1.0} for symbol in ("O'Neil", "^RUT", "a\\b", 'say "x"')]
    load(warehouse, 1, rows)
    load(warehouse, 2, [row | {"close": 2.0} for row in rows])
    assert len(revisions(warehouse, "*")) == len(rows)
