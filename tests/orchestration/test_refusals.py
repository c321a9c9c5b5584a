"""What a mart that keeps history took in a night that a gate refused does not outlive that night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Home
from orchestration.refusals import refused, take_back
from orchestration.validation import ledger

NODES = [
    {"schema": "marts", "name": "claim_measures", "config": {"full_refresh": False, "unique_key": "evaluation_date"}},
    {"schema": "marts", "name": "claims", "config": {"full_refresh": None}},
]
JUDGED, NIGHTS = "turning_point_matches", [date(2026, 1, day) for day in (14, 15, 16)]
ROWS = "select evaluation_date, value from marts.claim_measures order by all"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three nights of one measure, 0, 1 and 2, and of one that is no history."""
    place = Home(home=tmp_path)
    place.prepare()
    with duckdb.connect(str(place.warehouse)) as connection:
        ledger.prepare(connection)
        connection.execute("create schema marts; create table marts.claims as select date '2026-01-16' as day")
        connection.execute("create table marts.claim_measures (evaluation_date date, value double)")
        connection.executemany("insert into marts.claim_measures values (?, ?)", [*zip(NIGHTS, range(3), strict=True)])
    return place


def judge(
    home: Home, night: date, status: str, *, severity: str = "critical", table: str = JUDGED, later: int = 0
) -> None:
    moment = datetime(2026, 1, 17, tzinfo=UTC) + timedelta(days=night.day, hours=later)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            """insert into meta.validation_results by name
            select ? as run_id, ? as night, ? as checked_at, 'marts' as schema_name, ? as table_name,
                'rule' as expectation, ? as severity, ? as status, 3 as evaluated_rows, '' as message,
                '[]' as sample_keys""",
            [f"{night}-{later}", night, moment, table, severity, status],
        )


def rows(home: Home) -> list[tuple[date, float]]:
    with duckdb.connect(str(home.warehouse)) as connection:
        return connection.sql(ROWS).fetchall()


@pytest.fixture
def judged(home: Home) -> None:
    for night, status in zip(NIGHTS, ("passed", "failed", "passed"), strict=True):
        judge(home, night, status)


@pytest.mark.usefixtures("judged")
def test_what_a_refused_night_put_there_is_taken_back_and_told(home: Home) -> None:
    told = take_back(home, NODES)
    assert told == ["claim_measures: 1 rows of 2026-01-15 taken back, because a gate refused that night"]
    assert rows(home) == [(NIGHTS[0], 0.0), (NIGHTS[2], 2.0)]
    assert take_back(home, NODES) == []


@pytest.mark.usefixtures("judged")
def test_what_was_published_of_that_night_takes_its_place(home: Home) -> None:
    home.published.mkdir()
    with duckdb.connect(str(home.published / "rotation.duckdb")) as published:
        published.execute("create schema marts; create table marts.claim_measures (evaluation_date date, value double)")
        published.execute("insert into marts.claim_measures values ('2026-01-14', 9), ('2026-01-15', 0.5)")
    take_back(home, NODES)
    assert rows(home) == [(NIGHTS[0], 0.0), (NIGHTS[1], 0.5), (NIGHTS[2], 2.0)]


@pytest.mark.usefixtures("judged")
def test_a_night_that_ran_again_and_passed_keeps_its_rows(home: Home) -> None:
    judge(home, NIGHTS[1], "passed", later=1)
    assert take_back(home, NODES) == []
    assert len(rows(home)) == 3


@pytest.mark.parametrize(
    ("severity", "table"), [("warning", JUDGED), ("critical", "a_mart_of_an_older_release")], ids=["warning", "gone"]
)
def test_a_warning_and_a_table_without_a_suite_refuse_nothing(home: Home, severity: str, table: str) -> None:
    judge(home, NIGHTS[1], "failed", severity=severity, table=table)
    assert refused(home) == []
    assert take_back(home, NODES) == []


def test_what_was_refused_last_is_named(home: Home) -> None:
    judge(home, NIGHTS[1], "failed")
    assert refused(home) == [f"marts.{JUDGED}"]
    judge(home, NIGHTS[2], "passed")
    assert refused(home) == []
