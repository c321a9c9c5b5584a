"""What a user reads of a home: answers, gaps with their reasons, and revisions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO

import duckdb
import pytest
from rich.console import Console

from ingestion.warehouse import raw
from orchestration.status import MOST_LINES, tables

AT = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    raw.prepare(connection)
    return connection


def shown(connection: duckdb.DuckDBPyConnection) -> str:
    console = Console(file=StringIO(), width=200)
    for table in tables(connection):
        console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_home_without_trouble_shows_its_answers_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "insert into meta.request_outcomes values "
        "(1, 'yahoo', 'chart', '2026-01-16', 'SPY', 'data', 'ok', 200, '', ?, null, 0)",
        [AT],
    )
    text = shown(warehouse)
    assert "yahoo/chart" in text
    assert "Missing" not in text
    assert "Revised" not in text


def test_gaps_and_revisions_are_summed_up_by_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into meta.coverage values ('yahoo', 'chart', '2026-01-16', 400, 4)")
    for symbol, missing in (("SPY", 1), ("IWM", 3)):
        warehouse.execute(
            "insert into meta.coverage_gaps values "
            "('yahoo', 'chart', ?, '2026-01-14', '2026-01-16', 'blocked', ?, null, null, ?, ?, 'HTTP 403', "
            "'2026-01-16')",
            [symbol, missing, symbol, AT],
        )
    warehouse.execute(
        "insert into meta.revisions values "
        "('yahoo', 'chart', 'yahoo_chart', 'k', 'adj_close', '2', '1', -0.5, $1, $1, 2.0, 'restated', 2)",
        [AT],
    )
    text = shown(warehouse)
    for expected in ("99.00 %", "blocked", "│ 4 ", "HTTP 403", "adj_close", "50.000 %"):
        assert expected in text


def test_a_long_list_says_how_much_is_left_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "insert into meta.coverage_gaps select 's' || i, 'd', 'x', ?, ?, 'blocked', 1, null, null, null, null, null, ? "
        f"from range({MOST_LINES + 3}) as r(i)",
        [date(2026, 1, 16)] * 3,
    )
    assert "and 3 more lines" in shown(warehouse)
