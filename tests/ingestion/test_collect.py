"""A night asks only for what is missing, keeps every outcome, survives a crash between any two steps, and replays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.collect import Collected, Dataset, collect, replay
from ingestion.errors import BadPayloadError, LandingError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.raw import RawTable

NIGHT = Night(date(2026, 1, 16))
KNOWN = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def read_closes(exchange: Exchange) -> list[dict[str, object]]:
    try:
        closes = json.loads(exchange.body)
    except ValueError as error:
        raise BadPayloadError(f"{exchange.request.unit}: not JSON") from error
    return [{"symbol": exchange.request.unit, "number": n, "close": close} for n, close in enumerate(closes)]


CLOSES = Dataset(
    source="example",
    name="closes",
    table=RawTable(
        "example_closes", {"symbol": "varchar", "number": "integer", "close": "double"}, ("symbol", "number")
    ),
    plan=lambda _night: [Request(symbol, f"/{symbol}") for symbol in ("SPY", "IWM")],
    parse=read_closes,
)


class Provider:
    """Answers from a dictionary and remembers what was asked."""

    def __init__(self, **answers: tuple[Outcome, bytes]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Exchange:
        self.asked.append(request.unit)
        outcome, body = self.answers[request.unit]
        return Exchange(request, outcome, KNOWN, body=body)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path)


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_same_night_again_asks_for_nothing_and_changes_nothing(home: Home) -> None:
    provider = Provider(SPY=(Outcome.OK, b"[1.5, 2.5]"), IWM=(Outcome.OK, b"[]"))
    assert collect(home, CLOSES, NIGHT, provider) == Collected("closes", 0, {Outcome.OK: 1, Outcome.EMPTY: 1}, 2)
    files = sorted(home.landing.rglob("*.parquet"))
    assert collect(home, CLOSES, NIGHT, provider) == Collected("closes", 2, {}, 0)
    assert provider.asked == ["SPY", "IWM"]
    assert sorted(home.landing.rglob("*.parquet")) == files


def test_a_failed_unit_is_recorded_and_asked_again(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1.5]"), IWM=(Outcome.BLOCKED, b"no")))
    assert query(home, "select unit, outcome from meta.request_outcomes order by unit") == [
        ("IWM", "blocked"),
        ("SPY", "ok"),
    ]
    second = Provider(IWM=(Outcome.OK, b"[7]"))
    assert collect(home, CLOSES, NIGHT, second).rows_added == 1
    assert second.asked == ["IWM"]


def test_an_answer_that_cannot_be_read_is_a_failure_and_never_an_empty_result(home: Home) -> None:
    provider = Provider(SPY=(Outcome.OK, b"<html>"), IWM=(Outcome.OK, b"[1]"))
    assert collect(home, CLOSES, NIGHT, provider).outcomes == {Outcome.BAD_PAYLOAD: 1, Outcome.OK: 1}
    assert query(home, "select error from meta.request_outcomes where unit = 'SPY'") == [("SPY: not JSON",)]


def test_a_night_killed_between_landing_and_loading_loses_and_doubles_nothing(home: Home) -> None:
    home.prepare()
    landed = Exchange(Request("SPY", "/SPY"), Outcome.OK, KNOWN, body=b"[1.5, 2.5]")
    Landing(home.landing).write("example", "closes", NIGHT.day, [landed])
    provider = Provider(IWM=(Outcome.OK, b"[7]"))
    collect(home, CLOSES, NIGHT, provider)
    assert provider.asked == ["IWM"]
    assert query(home, "select symbol, close from raw.example_closes order by all") == [
        ("IWM", 7.0),
        ("SPY", 1.5),
        ("SPY", 2.5),
    ]


def test_replaying_landing_gives_identical_raw_tables(home: Home) -> None:
    def content() -> str:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            return raw.content_hash(connection, "example_closes")

    for day, closes in ((16, b"[1, 2]"), (17, b"[1, 3]"), (18, b"[1, 3, 4]")):
        answers = {"SPY": (Outcome.OK, closes), "IWM": (Outcome.SERVER_ERROR, b"")}
        collect(home, CLOSES, Night(date(2026, 1, day)), Provider(**answers))
    before = content()
    home.warehouse.unlink()
    assert replay(home, [CLOSES]) == 3
    assert content() == before
    assert query(home, "select count(*) from raw.example_closes") == [(4,)]


def test_a_replay_that_cannot_read_a_dataset_leaves_the_warehouse_alone(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))
    with pytest.raises(LandingError, match=r"nothing here can read: \[\('example', 'closes'\)\]"):
        replay(home, [replace(CLOSES, name="other")])
    assert query(home, "select count(*) from raw.example_closes") == [(2,)]


def test_a_replay_whose_parser_fails_leaves_the_warehouse_alone(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))
    broken: Callable[[Exchange], list[dict[str, object]]] = lambda _exchange: [{"number": "no number"}]  # noqa: E731
    with pytest.raises(duckdb.ConversionException):
        replay(home, [replace(CLOSES, parse=broken)])
    assert query(home, "select count(*) from raw.example_closes") == [(2,)]
