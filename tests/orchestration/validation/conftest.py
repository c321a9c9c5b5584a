"""A small warehouse with one raw table and one mart, and the run that judges it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from orchestration.validation.rules import Run


@pytest.fixture
def run() -> Run:
    return Run("run-1", date(2026, 1, 16), datetime(2026, 1, 17, 10, 30, tzinfo=UTC))


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("""
            create schema raw; create schema marts; create schema staging;
            create table raw.bars (
                symbol varchar, session_date date, close double,
                _batch_id bigint, _known_at timestamptz, _row_hash ubigint);
            create view staging.stg_bars as select symbol, session_date, close from raw.bars
            qualify row_number() over (partition by symbol, session_date order by _batch_id desc) = 1;
            create table marts.daily (day date, value double)""")
        yield connection
