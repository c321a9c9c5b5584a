"""A dataset that stands in for others waits for them, and is asked for nothing but what they lack."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion import catalogue
from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.gaps import Unit, days_lacking, missing, months_lacking
from ingestion.night import Night
from ingestion.nightly import run_night
from ingestion.settings import Home
from ingestion.warehouse.raw import RawTable

BEFORE, DAY, NEXT = date(2026, 1, 15), date(2026, 1, 16), date(2026, 1, 17)
TABLE = RawTable("example_days", {"unit": "varchar"}, ("unit",))
UNITS = [Unit(subject, str(day), day) for subject in ("A", "B") for day in (BEFORE, DAY, NEXT)]
FIRST, SECOND = ("first", "days"), ("second", "days")


def refuse(request: Request) -> Exchange:
    raise AssertionError(f"{request.unit} was asked")


def rows(exchange: Exchange) -> pa.Table:
    return TABLE.rows([{"unit": exchange.request.unit}])


def primary(*units: str) -> Dataset:
    return Dataset(*FIRST, (Parsed(TABLE, rows),), lambda _night, _known: [Request(unit, f"/{unit}") for unit in units])


def stand_in() -> Dataset:
    def plan(_night: Night, known: Known) -> list[Request]:
        return [Request(unit.name, f"/{unit.name}") for unit in missing(known, [FIRST], UNITS)]

    return Dataset(*SECOND, (Parsed(replace(TABLE, name="second_days"), rows),), plan, after=(FIRST,))


def asked_of_stand_in(
    home: Path, answers: Mapping[str, Outcome], night: date = NEXT, *, pause: float = 0.0
) -> list[str]:
    """What the stand-in is asked when the primary answers so."""
    asked: list[str] = []

    def connect(dataset: Dataset) -> Send:
        def send(request: Request) -> Exchange:
            if dataset.key == SECOND:
                asked.append(request.unit)
            else:
                time.sleep(pause)
            outcome = Outcome.OK if dataset.key == SECOND else answers[request.unit]
            return Exchange(request, outcome, datetime(2026, 1, 18, tzinfo=UTC))

        return send

    run_night(Home(home=home), Night(night), [stand_in(), primary(*answers)], connect)
    return asked


OK, NOT_YET, NOT_FOUND, ERROR = Outcome.OK, Outcome.NOT_YET, Outcome.NOT_FOUND, Outcome.SERVER_ERROR


@pytest.mark.parametrize(
    ("of_a", "asked"),
    [
        ((OK, OK, OK), []),
        ((OK, OK, NOT_YET), ["A/2026-01-17"]),
        ((OK, NOT_FOUND, OK), ["A/2026-01-16"]),
        ((NOT_FOUND, NOT_FOUND, OK), []),
        ((NOT_FOUND, NOT_FOUND, NOT_YET), []),
        ((OK, NOT_FOUND, NOT_YET), ["A/2026-01-16", "A/2026-01-17"]),
        ((ERROR, ERROR, ERROR), ["A/2026-01-15", "A/2026-01-16", "A/2026-01-17"]),
    ],
    ids=["complete", "newest day late", "a hole", "listed later", "not listed", "stopped", "the primary fails"],
)
def test_only_what_the_primary_lacks_is_asked(tmp_path: Path, of_a: tuple[Outcome, ...], asked: list[str]) -> None:
    answers = dict(zip((unit.name for unit in UNITS), (*of_a, OK, OK, OK), strict=True))
    assert asked_of_stand_in(tmp_path, answers) == asked


def test_the_plan_waits_until_a_slow_primary_is_loaded(tmp_path: Path) -> None:
    assert asked_of_stand_in(tmp_path, {unit.name: OK for unit in UNITS}, pause=0.15) == []


def test_a_period_that_was_running_when_it_was_completed_is_missing_again(tmp_path: Path) -> None:
    month = Unit("A", "2026-01", date(2026, 1, 31))
    asked: list[list[str]] = []

    def plan(_night: Night, known: Known) -> list[Request]:
        asked.append([unit.name for unit in missing(known, [FIRST], [month])])
        return []

    watcher = Dataset(*SECOND, (Parsed(replace(TABLE, name="second_days"), rows),), plan, after=(FIRST,))

    def send(request: Request) -> Exchange:
        return Exchange(request, OK, datetime(2026, 2, 2, tzinfo=UTC))

    for night, monthly in ((DAY, [month.name]), (NEXT, []), (date(2026, 2, 1), [month.name]), (date(2026, 2, 2), [])):
        run_night(Home(home=tmp_path), Night(night), [watcher, primary(*monthly)], lambda _dataset: send)
    assert asked == [[], [month.name], [], []]


def test_datasets_that_wait_for_each_other_are_refused_at_once(tmp_path: Path) -> None:
    circle = [replace(stand_in(), after=(FIRST,)), replace(primary("A/2026-01-17"), after=(SECOND,))]
    with pytest.raises(ValueError, match=r"correct `gaps_of` in the catalogue: .*first/days"):
        run_night(Home(home=tmp_path), Night(NEXT), circle, lambda _dataset: refuse)


def test_a_primary_that_breaks_does_not_hold_up_who_waits_for_it(tmp_path: Path) -> None:
    def broken(_night: Night, _known: Known) -> list[Request]:
        raise KeyError("plan")

    def send(request: Request) -> Exchange:
        return Exchange(request, OK, datetime(2026, 1, 18, tzinfo=UTC))

    found = run_night(
        Home(home=tmp_path), Night(NEXT), [stand_in(), replace(primary(), plan=broken)], lambda _dataset: send
    )
    assert [each.outcomes for each in found] == [{OK: 6}, {}]


def test_a_day_without_rows_is_asked_of_the_next_and_again_until_the_trailing_window_has_passed(tmp_path: Path) -> None:
    entry = catalogue.entry("binance_futures", "ratios").model_copy(
        update={"gaps_of": ("first/days",), "history": 3, "reach": None}
    )
    asked: list[list[str]] = []

    def plan(_night: Night, known: Known) -> list[Request]:
        units = days_lacking(entry, known, {"A": lambda _day: True})
        asked.append([unit.period for unit in units])
        return [Request(unit.name, f"/{unit.name}") for unit in units]

    empty = Parsed(replace(TABLE, name="second_days"), lambda _exchange: TABLE.schema.empty_table())
    venue = Dataset(*SECOND, (empty,), plan, after=(FIRST,))
    nothing = replace(primary("A/2026-01-15", "A/2026-01-16"), tables=(Parsed(TABLE, empty.parse),))

    def send(request: Request) -> Exchange:
        return Exchange(request, OK, datetime(2026, 2, 2, tzinfo=UTC))

    for night in (DAY, NEXT):
        run_night(Home(home=tmp_path), Night(night), [venue, nothing], lambda _dataset: send)
    assert asked == [["2026-01-16", "2026-01-15", "2026-01-14"], ["2026-01-17", "2026-01-16"]]


def test_what_a_provider_no_longer_keeps_is_not_asked_of_it_and_it_counts_from_today() -> None:
    entry = catalogue.entry("binance_futures", "ratios").model_copy(update={"gaps_of": (), "history": 4, "reach": 3})
    listed = {"A": lambda _day: True}
    today, later = (Known(Night(DAY), datetime(2026, 1, day, 10, 30, tzinfo=UTC)) for day in (17, 18))
    assert [unit.period for unit in days_lacking(entry, today, listed)] == ["2026-01-16", "2026-01-15"]
    assert [unit.period for unit in days_lacking(entry, later, listed)] == ["2026-01-16"]


def test_a_month_of_which_a_part_alone_is_kept_is_not_asked_for() -> None:
    entry = catalogue.entry("okx", "funding").model_copy(update={"gaps_of": (), "history": 120, "reach": 60})
    known = Known(Night(DAY), datetime(2026, 1, 17, 10, 30, tzinfo=UTC))
    months = [unit.period for unit in months_lacking(entry, known, {"A": lambda _day: True})]
    assert months == ["2026-01", "2025-12"]  # of November the first days are gone


def test_a_night_of_long_ago_asks_for_no_month_that_ends_after_it_and_a_window_does() -> None:
    entry = catalogue.entry("binance_vision", "funding").model_copy(update={"gaps_of": (), "history": 50})
    known = Known(Night(DAY), datetime(2026, 11, 25, tzinfo=UTC))
    listed = {"A": lambda _day: True}
    assert [unit.period for unit in months_lacking(entry, known, listed, finished=True)] == ["2025-12", "2025-11"]
    window = months_lacking(entry.model_copy(update={"is_backfill": True}), known, listed, finished=True)
    assert [unit.period for unit in window] == ["2026-01", "2025-12", "2025-11"]


def test_every_gap_in_the_catalogue_is_one_of_a_dataset_there() -> None:
    known = {dataset.key for dataset in catalogue.every_dataset()}
    assert [row for row in catalogue.entries() if not set(row.after) <= known] == []


def test_every_fallback_in_the_catalogue_is_a_provider_there() -> None:
    providers = {row.provider for row in catalogue.entries()}
    assert {(row.provider, row.dataset): set(row.fallback) - providers for row in catalogue.entries()} == {
        (row.provider, row.dataset): set() for row in catalogue.entries()
    }
