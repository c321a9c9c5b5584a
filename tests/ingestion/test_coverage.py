"""What should be there and is not is named with its reason, from the night's own ledger and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingestion.collect import Dataset, Known, Parsed
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.nightly import run_night
from ingestion.settings import Home
from ingestion.warehouse.coverage import DailyRows, period_of
from ingestion.warehouse.raw import RawTable

FRIDAY = date(2026, 1, 16)
SAMPLES = RawTable("samples", {"symbol": "varchar", "day": "date", "number": "integer"}, ("symbol", "day", "number"))
BARS = RawTable("bars", {"symbol": "varchar", "day": "date"}, ("symbol", "day"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path)


def samples(exchange: Exchange) -> pa.Table:
    symbol, day = exchange.request.unit.split("/")
    count = int(exchange.body)
    return SAMPLES.rows({"symbol": symbol, "day": date.fromisoformat(day), "number": n} for n in range(count))


def plan_samples(night: Night, _known: Known, days: int = 3) -> list[Request]:
    wanted = [night.day - timedelta(days=back) for back in reversed(range(days))]
    return [Request(f"{symbol}/{day}", "/") for symbol in ("BTC", "ETH") for day in wanted]


FILES = Dataset(
    source="archive",
    name="files",
    tables=(Parsed(SAMPLES, samples),),
    plan=plan_samples,
    daily=(DailyRows(SAMPLES, "symbol", "day", "number", rows="2"),),
)


def night(home: Home, dataset: Dataset, answers: Mapping[str, Outcome | bytes | str], day: date = FRIDAY) -> None:
    def send(request: Request) -> Exchange:
        found = answers.get(request.unit, b"2")
        moment = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        if isinstance(found, bytes):
            return Exchange(request, Outcome.OK, moment, body=found)
        return Exchange(request, Outcome(found), moment, error="says no" if found == Outcome.BLOCKED else None)

    run_night(home, Night(day), [dataset], lambda _dataset: send)


def gaps(
    home: Home, columns: str = "symbol, first_day::varchar, last_day::varchar, reason, missing"
) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(f"select {columns} from meta.coverage_gaps order by all").fetchall()


def counts(home: Home) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("select night::varchar, expected, missing from meta.coverage order by 1").fetchall()


@pytest.mark.parametrize(
    ("unit", "period"),
    [
        ("SPY", ("SPY", None, None)),
        ("BTC/2026-01-16", ("BTC", date(2026, 1, 16), date(2026, 1, 16))),
        ("BTC/1h/2024-02", ("BTC/1h", date(2024, 2, 1), date(2024, 2, 29))),
        ("2026-01-16/in/00-ab12", ("in/00-ab12", date(2026, 1, 16), date(2026, 1, 16))),
        ("caps/2026-01-10..2026-01-31", ("caps", date(2026, 1, 10), date(2026, 1, 31))),
        ("2026-01-16", (None, date(2026, 1, 16), date(2026, 1, 16))),
    ],
)
def test_a_unit_names_its_symbol_and_its_days(unit: str, period: tuple[object, ...]) -> None:
    assert period_of(unit) == period


def test_a_whole_night_has_no_gap(home: Home) -> None:
    night(home, FILES, {})
    assert gaps(home) == []
    assert counts(home) == [("2026-01-16", 12, 0)]  # six files, and six days that must be whole


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.NOT_YET, "not_yet_published"),
        (Outcome.BLOCKED, "blocked"),
        (Outcome.RATE_LIMITED, "rate_limited"),
        (Outcome.SERVER_ERROR, "no_answer"),
        (Outcome.UNREACHABLE, "no_answer"),
        (Outcome.BAD_REQUEST, "refused"),
        (Outcome.BAD_PAYLOAD, "unreadable"),
        (b"<html>", "unreadable"),
        (Outcome.NOT_FOUND, "not_found"),
    ],
)
def test_every_failure_is_a_gap_with_its_own_reason(home: Home, outcome: Outcome | bytes, reason: str) -> None:
    night(home, FILES, {"BTC/2026-01-16": outcome})
    assert gaps(home) == [("BTC", "2026-01-16", "2026-01-16", reason, 1)]


def test_a_file_missing_before_the_first_one_was_not_listed_and_a_later_one_is_a_hole(home: Home) -> None:
    night(home, FILES, {"BTC/2026-01-14": Outcome.NOT_FOUND, "ETH/2026-01-15": Outcome.NOT_FOUND})
    assert gaps(home) == [
        ("BTC", "2026-01-14", "2026-01-14", "not_listed", 1),
        ("ETH", "2026-01-15", "2026-01-15", "not_found", 1),
    ]


def test_days_that_follow_each_other_are_one_row_and_a_gap_that_is_filled_is_gone(home: Home) -> None:
    blocked = {f"BTC/2026-01-{day}": Outcome.BLOCKED for day in (15, 16)}
    night(home, FILES, blocked)
    assert gaps(home, "unit, missing, error, last_asked_at::date::varchar, night::varchar") == [
        ("BTC/2026-01-15", 2, "says no", "2026-01-17", "2026-01-16")
    ]
    night(home, FILES, {})
    assert gaps(home) == []


def test_a_day_with_fewer_rows_than_a_whole_one_is_short(home: Home) -> None:
    night(home, FILES, {"BTC/2026-01-15": b"1", "ETH/2026-01-16": b"0"})
    assert gaps(home, "symbol, first_day::varchar, reason, expected_rows, present_rows") == [
        ("BTC", "2026-01-15", "short_day", 2, 1),
        ("ETH", "2026-01-16", "not_in_answer", 2, 0),
    ]


def test_versions_of_a_restated_day_do_not_fill_it(home: Home) -> None:
    night(home, FILES, {"BTC/2026-01-16": b"1"})
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("insert into raw.samples select symbol, day, number, 99, _known_at, 1 from raw.samples")
    night(home, FILES, {})
    assert gaps(home) == [("BTC", "2026-01-16", "2026-01-16", "short_day", 1)]


def test_what_was_asked_and_failed_stays_a_gap_when_the_window_has_moved_on(home: Home) -> None:
    night(home, FILES, {"BTC/2026-01-14": Outcome.SERVER_ERROR})
    night(home, FILES, {}, FRIDAY + timedelta(days=5))
    assert gaps(home) == [("BTC", "2026-01-14", "2026-01-14", "no_answer", 1)]


def test_a_unit_that_was_planned_and_never_asked_says_so(home: Home) -> None:
    dataset = replace(FILES, expects=lambda _night: ["BTC/2026-01-10", "BTC/2026-01-16"])
    night(home, dataset, {})
    assert gaps(home) == [("BTC", "2026-01-10", "2026-01-10", "not_asked", 1)]


def bars(exchange: Exchange) -> pa.Table:
    days = exchange.body.decode().split()
    return BARS.rows({"symbol": exchange.request.unit, "day": date.fromisoformat(day)} for day in days)


CHART = Dataset(
    source="yahoo",
    name="chart",
    tables=(Parsed(BARS, bars),),
    plan=lambda _night, _known: [Request("SPY", "/"), Request("IWM", "/")],
    daily=(DailyRows(BARS, "symbol", "day", calendar="XNYS"),),
)
WEEK = b"2026-01-12 2026-01-13 2026-01-14 2026-01-15 2026-01-16"


def test_a_session_that_is_missing_inside_an_answer_is_named_and_a_weekend_is_none(home: Home) -> None:
    monday_holiday = WEEK + b" 2026-01-20"
    night(home, CHART, {"SPY": monday_holiday, "IWM": monday_holiday.replace(b"2026-01-14", b"")}, date(2026, 1, 20))
    assert gaps(home) == [("IWM", "2026-01-14", "2026-01-14", "not_in_answer", 1)]


def test_a_symbol_asked_every_night_is_missing_from_the_night_that_failed(home: Home) -> None:
    night(home, CHART, {"SPY": WEEK, "IWM": WEEK})
    night(home, CHART, {"SPY": Outcome.BLOCKED, "IWM": WEEK + b" 2026-01-20"}, date(2026, 1, 20))
    assert gaps(home) == [("SPY", "2026-01-17", "2026-01-20", "blocked", 1)]
    night(home, CHART, {"SPY": WEEK + b" 2026-01-20"}, date(2026, 1, 20))
    assert gaps(home) == []


def test_a_snapshot_night_that_was_missed_is_gone_for_good(home: Home) -> None:
    def plan(night: Night, known: Known) -> list[Request]:
        return [Request(f"SPY/{night.day}", "/")] if night == Night.latest(known.now) else []

    dataset = replace(FILES, plan=plan, is_snapshot=True, daily=())
    for day in (16, 19):
        run_night(
            home,
            Night(date(2026, 1, day)),
            [dataset],
            lambda _dataset: lambda request: Exchange(request, Outcome.OK, datetime.now(UTC), body=b"1"),
            clock=lambda day=day: Night(date(2026, 1, day)).as_of,  # type: ignore[misc]
        )
    assert gaps(home) == [("SPY", "2026-01-17", "2026-01-18", "not_asked", 2)]


def test_a_source_that_cannot_plan_is_one_gap_that_says_why(home: Home) -> None:
    def broken(_night: Night, _known: Known) -> list[Request]:
        raise KeyError("plan")

    night(home, replace(FILES, plan=broken), {})
    assert gaps(home, "symbol, first_day::varchar, reason, error") == [
        (None, "2026-01-16", "not_planned", "KeyError: 'plan'")
    ]


def test_a_stand_in_owes_only_what_it_was_asked(home: Home) -> None:
    dataset = replace(FILES, after=(("other", "files"),))
    night(home, dataset, {"BTC/2026-01-15": Outcome.BLOCKED})
    assert gaps(home) == [("BTC", "2026-01-15", "2026-01-15", "blocked", 1)]
