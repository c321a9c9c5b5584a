"""The past: which moment is meant, what was known then, and what two vintages of the claims tell differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import SettingsError
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse import revisions as revisions_ledger
from orchestration.options import console
from orchestration.rebuild import RebuildError, rebuild
from orchestration.vintage_commands import moment, show_differences
from orchestration.vintages import Difference, Restated, compare_claims, file_of, restated_between

NIGHT = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def published(path: Path, claims: str, measures: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.claims as select claim_id, evaluation_date::date as evaluation_date, verdict,
                value::double as value from (values {claims}) as t(claim_id, evaluation_date, verdict, value);
            create table marts.claim_measures as select claim_id, evaluation_date::date as evaluation_date, metric,
                verdict, value::double as value
                from (values {measures}) as t(claim_id, evaluation_date, metric, verdict, value)""")
    return path


def test_only_what_differs_between_the_newest_evaluations_is_told(tmp_path: Path) -> None:
    one = published(
        tmp_path / "one.duckdb",
        """('C1', '2026-01-15', 'not_supported', 9), ('C1', '2026-01-16', 'supported', 0.07),
        ('C2', '2026-01-16', 'supported', 9), ('C10', '2026-01-16', 'not_testable', null)""",
        "('C1', '2026-01-16', 'ytd', 'supported', 0.07), ('C1', '2026-01-16', 'gone', 'supported', 1)",
    )
    other = published(
        tmp_path / "other.duckdb",
        """('C1', '2026-01-17', 'supported', 0.07000000000000001), ('C2', '2026-01-17', 'inconclusive', 9),
        ('C10', '2026-01-17', 'not_testable', 5)""",
        "('C1', '2026-01-17', 'ytd', 'supported', 0.08)",
    )
    assert compare_claims(one, other) == [
        Difference("C1", "gone", ("supported", None), (1.0, None)),
        Difference("C1", "ytd", ("supported", "supported"), (0.07, 0.08)),
        Difference("C2", "", ("supported", "inconclusive"), (9.0, 9.0)),
        Difference("C10", "", ("not_testable", "not_testable"), (None, 5.0)),
    ]
    assert compare_claims(one, one) == []


def restated(path: Path, *revisions: tuple[str, str, str, float | None]) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema meta")
        connection.execute(revisions_ledger.TABLE)
        for key, old, new, change in revisions:
            connection.execute(
                """insert into meta.revisions
                values ('yahoo', 'chart', 't', ?, 'close', ?, ?, ?, ?, ?, 1, 'restated', 1)""",
                [key, old, new, change, NIGHT, NIGHT],
            )
    return path


def test_what_only_one_vintage_knows_as_restated_is_told_with_the_largest_change(tmp_path: Path) -> None:
    both, small, large = ("a", "1", "2", 1.0), ("b", "100", "101", 0.01), ("c", "100", "97", -0.03)
    one, other = restated(tmp_path / "one.duckdb", both), restated(tmp_path / "other.duckdb", both, small, large)
    told = [Restated("yahoo chart", "restated", 2, "c close: 100 -> 97", -0.03)]
    assert restated_between(one, other) == told
    assert restated_between(other, one) == told
    assert restated_between(one, one) == []


def test_claims_that_differ_stand_beside_what_was_restated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "width", 200)
    evaluated = ("('C1', '2026-01-16', 'supported', {})", "('C1', '2026-01-16', 'ytd', 'supported', {})")
    one, other = (
        published(tmp_path / name, *(row.format(value) for row in evaluated))
        for name, value in (("one.duckdb", 0.07), ("other.duckdb", 0.06))
    )
    restated(one)
    restated(other, ("^RUT 2026-01-15", "2600", "2574", -0.01))
    show_differences(one, other, "then", "published")
    told = capsys.readouterr().out
    assert "Claims that differ" in told
    assert "Restated between them (meta.revisions)" in told
    (line,) = [line for line in told.splitlines() if "yahoo chart" in line]
    assert [cell.strip() for cell in line.split("│")][1:-1] == [
        *("yahoo chart", "restated", "1", "^RUT 2026-01-15 close: 2600 -> 2574", "-1.00%")
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("published", "there is no vintage published"),
        ("7", "publication 7 is not kept in [^\n]*: those kept are none"),
        ("nowhere.duckdb", "there is no vintage nowhere.duckdb"),
    ],
)
def test_a_vintage_that_does_not_exist_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{message}"):
        file_of(Home(home=tmp_path), name)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("text")
    with pytest.raises(SettingsError, match=r"text\.duckdb is not a published DuckDB file"):
        compare_claims(tmp_path / "text.duckdb", tmp_path / "text.duckdb")


def test_moments_are_utc_and_others_are_refused_with_how_to_write_them() -> None:
    assert moment("2026-01-17T10:30Z") == NIGHT
    assert moment("2026-01-17T05:30-05:00") == NIGHT
    with pytest.raises(SettingsError, match="write it as 2026-01-17T10:30Z"):
        moment("yesterday")
    with pytest.raises(SettingsError, match="has no time zone: write it as 2026-01-17T10:30Z for UTC"):
        moment("2026-01-17T10:30")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(home=tmp_path)
    with duckdb.connect(str(found.warehouse)) as connection:
        raw.prepare(connection)
        connection.execute(
            """insert into meta.request_outcomes values
            (1, 'yahoo', 'chart', date '2026-01-16', 'IWM', 'data', 'ok', 200, '', ?, null, 0)""",
            [NIGHT],
        )
    return found


def test_a_moment_before_the_first_answer_is_refused_with_when_that_was(home: Home) -> None:
    with pytest.raises(
        RebuildError, match=r"knew nothing at 2026-01-17T10:29:59Z: the first answer arrived at 2026-01-17"
    ):
        rebuild(home, NIGHT - timedelta(seconds=1))
    assert not (home.home / "rebuilt").exists()


@pytest.mark.parametrize("output", ["warehouse.duckdb", "published/rotation.duckdb"])
def test_a_rebuild_never_writes_over_the_home_itself(home: Home, output: str) -> None:
    with pytest.raises(SettingsError, match="belongs to the home itself"):
        rebuild(home, NIGHT, home.home / output)
