"""What is old goes whole, what is newer stays: Dagster's record of runs, and what the gates said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.settings import Home
from orchestration.event_log import EventLog
from orchestration.reporting.validations import write_validations
from orchestration.retention import LetGo, let_go
from orchestration.validation import ledger

KEY = dg.AssetKey(["marts", "example"])


@dg.asset(key=KEY, check_specs=[dg.AssetCheckSpec("has_rows", asset=KEY)])
def example() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult(asset_key=KEY)
    yield dg.AssetCheckResult(passed=True, asset_key=KEY, check_name="has_rows")


def rows(home: Path) -> list[int]:
    with sqlite3.connect(home / "dagster" / "event_log.db") as log:
        counted = ("event_logs", "asset_check_executions")
        return [log.execute(f"select count(*) from {table}").fetchone()[0] for table in counted]


def test_old_runs_go_with_their_events_and_their_checks(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    assert isinstance(instance.event_log_storage, EventLog)
    for _ in range(2):
        assert dg.materialize([example], instance=instance).success
    events, checks = rows(tmp_path)
    assert events > 10
    assert checks == 2
    assert let_go(Home(home=tmp_path), instance) == LetGo(0, 0, 0)
    assert rows(tmp_path) == [events, checks]
    assert let_go(Home(home=tmp_path), instance, datetime.now(UTC) + timedelta(days=15)) == LetGo(2, 0, 0)
    assert rows(tmp_path) == [0, 0]
    assert instance.get_runs() == []


NOW = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)


def judged(home: Path, nights: int, days_between: int = 1) -> None:
    """Two tables judged in each of these nights up to now, a third one in the oldest night alone."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        ledger.prepare(connection)
        for number in range(nights):
            at = NOW - timedelta(days=days_between * number)
            tables = ["claims", "assets", *(["given_up"] if number == nights - 1 else [])]
            connection.executemany(
                """insert into meta.validation_results values ('run', ?, ?, 'marts', ?, 'key_is_unique', null,
                'critical', 'passed', 0, 9, null, '', '[]', 'content')""",
                [[at.date(), at, table] for table in tables],
            )


def kept(home: Path) -> dict[str, int]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return dict(connection.sql("select table_name, count(*) from meta.validation_results group by 1").fetchall())


def test_what_the_gates_said_goes_after_a_year_but_for_the_newest_word_on_a_table(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    judged(tmp_path, nights=400)
    assert let_go(Home(home=tmp_path), instance, NOW) == LetGo(0, 2 * 34, 0)  # the night of a year ago is no older
    assert kept(tmp_path) == {"claims": 366, "assets": 366, "given_up": 1}
    assert let_go(Home(home=tmp_path), instance, NOW) == LetGo(0, 0, 0)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        assert ledger.passed(connection, "marts", "given_up", "content")


def test_the_page_of_thirty_nights_has_them_however_rare_nights_are(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTATION_KEEP_RESULT_DAYS", "20")
    judged(tmp_path, nights=40, days_between=30)
    assert let_go(Home(home=tmp_path), instance, NOW) == LetGo(0, 2 * 10, 0)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        page = write_validations(connection, tmp_path / "validations.html", "m").read_text(encoding="utf-8")
    assert page.count('<section id="night-') == 30


def test_a_home_without_results_has_nothing_to_let_go(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    assert let_go(Home(home=tmp_path), instance, NOW) == LetGo(0, 0, 0)
