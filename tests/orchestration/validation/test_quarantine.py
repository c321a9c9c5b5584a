"""Rows set aside: seen, decided about by somebody with a reason, and never lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.landing.store import Landing
from ingestion.settings import Home
from ingestion.sources.yahoo.models import CHART
from ingestion.warehouse import raw
from orchestration.nights import newest_vintage
from orchestration.validation import quarantine
from orchestration.validation.quarantine import QuarantineError
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of

NIGHT = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
DECIDED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
USED = """
    select symbol, close, _batch_id from raw.yahoo_chart as v
    anti join quarantine.yahoo_chart as q on v._batch_id = q._batch_id and v._row_hash = q._row_hash
    qualify row_number() over (partition by symbol, session_date order by _known_at desc, _batch_id desc) = 1
    order by symbol"""


Warehouse = duckdb.DuckDBPyConnection


def add(connection: Warehouse, batch: int, symbol: str, close: float, known: datetime = NIGHT) -> None:
    connection.execute(
        """insert into raw.yahoo_chart by name
        select ? as symbol, date '2026-01-16' as session_date, ?::double as close,
        ? as _batch_id, ?::timestamptz as _known_at, hash(concat(?, ?)) as _row_hash""",
        [symbol, close, batch, known, symbol, close],
    )
    connection.execute(
        "insert into meta.batches values (?, 'yahoo', 'chart', date '2026-01-16', 'yahoo_chart', 1, 1, 0, 0, 0)",
        [batch],
    )


def judge(connection: Warehouse) -> None:
    validate(connection, suite_of("raw", "yahoo_chart"), Run("run", date(2026, 1, 16), NIGHT))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A night of three symbols, one of them with an impossible close."""
    found = Home(home=tmp_path)
    with duckdb.connect(str(found.warehouse)) as connection:
        raw.prepare(connection, [CHART])
        connection.execute(
            """insert into meta.request_outcomes values
            (1, 'yahoo', 'chart', date '2026-01-16', 'IWM', 'data', 'ok', 200, '', ?, null, 0)""",
            [NIGHT],
        )
        add(connection, 1, "IWM", -5.0)
        add(connection, 2, "SPY", 600.0)
        judge(connection)
    return found


def only_row(home: Home) -> quarantine.Refused:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        (row,) = quarantine.listed(connection)
    return row


def decide(home: Home, choice: quarantine.Choice, *rows: str, why: str = "checked with the exchange") -> None:
    known_at = newest_vintage(home).as_of + timedelta(seconds=1)
    quarantine.decide(home, choice, rows, why=why, by="ada", now=DECIDED, known_at=known_at)


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_a_row_set_aside_is_listed_with_its_rule_reason_batch_and_content(home: Home) -> None:
    row = only_row(home)
    assert (row.table_name, row.batch_id, row.rules, row.decision) == (
        "yahoo_chart",
        1,
        "close_to_be_between",
        "waiting",
    )
    assert row.reasons == "close is above 0 (Last price of the session)"
    assert row.quarantined_at == NIGHT
    assert json.loads(row.row_json)["symbol"] == "IWM"


def test_a_released_row_flows_as_a_fact_known_from_the_decision_on(home: Home) -> None:
    assert query(home, USED) == [("SPY", 600.0, 2)]
    before = newest_vintage(home)
    decide(home, "released", only_row(home).row_id)
    assert query(home, USED) == [("IWM", -5.0, 3), ("SPY", 600.0, 2)]
    after = newest_vintage(home)
    assert (before.as_of, after.as_of) == (NIGHT, NIGHT + timedelta(seconds=1))
    assert query(home, "select count(*) from raw.yahoo_chart where _known_at > '2026-01-17 10:30:00+00'") == [(1,)]
    with duckdb.connect(str(home.warehouse)) as connection:
        judge(connection)
        assert quarantine.apply(connection, home) == 0
    assert len(query(home, USED)) == 2, "the gate does not refuse again what a person let through"


def test_a_dropped_row_never_flows(home: Home) -> None:
    decide(home, "dropped", only_row(home).row_id)
    assert query(home, USED) == [("SPY", 600.0, 2)]
    row = only_row(home)
    assert (row.decision, row.trail) == ("dropped", "ada at 2026-11-25 09:00: checked with the exchange")


def test_the_audit_trail_says_who_when_what_and_why(home: Home) -> None:
    decide(home, "released", only_row(home).row_id)
    columns = "table_name, batch_id, decision, decided_by, decided_at::varchar, why, release_batch_id"
    assert query(home, f"select {columns} from meta.quarantine_decisions") == [
        ("yahoo_chart", 1, "released", "ada", "2026-11-25 09:00:00+00", "checked with the exchange", 3)
    ]
    assert json.loads((home.home / "quarantine.jsonl").read_text())["decided_by"] == "ada"


@pytest.mark.parametrize(
    ("rows", "why", "message"),
    [
        (["nothing"], "because", "there is no row nothing in quarantine"),
        (None, "  ", "a decision needs its reason"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_leaves_no_trace(
    home: Home, rows: list[str] | None, why: str, message: str
) -> None:
    with pytest.raises(QuarantineError, match=message):
        decide(home, "released", *(rows or [only_row(home).row_id]), why=why)
    assert not (home.home / "quarantine.jsonl").exists()


def test_a_row_is_decided_about_once(home: Home) -> None:
    decide(home, "dropped", only_row(home).row_id)
    with pytest.raises(QuarantineError, match="was dropped by ada at 2026-11-25 09:00: checked with the exchange"):
        decide(home, "released", only_row(home).row_id)


def test_a_row_the_provider_has_corrected_since_cannot_overtake_its_correction(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        add(connection, 5, "IWM", 250.0, NIGHT + timedelta(days=1))
        judge(connection)
    with pytest.raises(QuarantineError, match="has a newer version that is in use"):
        decide(home, "released", only_row(home).row_id)


@pytest.mark.parametrize("was_text", [False, True], ids=["today's", "of when a hash was written in digits"])
def test_decisions_outlive_the_warehouse(home: Home, was_text: bool) -> None:
    decide(home, "released", only_row(home).row_id)
    used = query(home, USED)
    if was_text:
        journal = home.home / "quarantine.jsonl"
        line = json.loads(journal.read_text())
        journal.write_text(json.dumps(line | {"row_hash": f"{line['row_hash']:016x}"}) + "\n")
    home.warehouse.unlink()
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, [CHART])
        assert quarantine.apply(connection, home) == 0, "nothing is loaded yet"
        add(connection, 1, "IWM", -5.0)
        add(connection, 2, "SPY", 600.0)
        judge(connection)
        assert quarantine.apply(connection, home) == 1
    assert query(home, USED) == used


def test_a_line_that_a_killed_process_left_unfinished_is_no_decision(home: Home) -> None:
    journal = home.home / "quarantine.jsonl"
    journal.write_text('{"table_name": "yahoo_ch')
    decide(home, "dropped", only_row(home).row_id)
    assert [json.loads(line)["decision"] for line in journal.read_text().splitlines()] == ["dropped"]


def test_a_damaged_journal_is_named_with_its_line(home: Home) -> None:
    (home.home / "quarantine.jsonl").write_text("nonsense\n")
    with pytest.raises(QuarantineError, match=r"^line 1 of [^\n]*quarantine\.jsonl is no decision"):
        decide(home, "dropped", only_row(home).row_id)


def test_a_release_takes_a_batch_id_that_landing_does_not_give_again(home: Home) -> None:
    decide(home, "released", only_row(home).row_id)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert raw.newest_batch(connection) == 3
    landing = Landing(home.landing, after=3)
    assert landing.next_id() == 4


def test_counts_by_night_table_and_rule_are_for_readers(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        quarantine.count(connection)
    expected = (date(2026, 1, 16), "yahoo_chart", "close_to_be_between", "waiting", 1)
    columns = "night, table_name, rule, decision, rows"
    assert query(home, f"select {columns} from meta.quarantine") == [expected]
    decide(home, "dropped", only_row(home).row_id)
    assert query(home, f"select {columns} from meta.quarantine") == [(*expected[:3], "dropped", 1)]
