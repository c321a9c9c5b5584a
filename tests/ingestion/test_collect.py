"""A night asks only for what is missing, keeps every outcome, survives a crash between any two steps, and replays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import duckdb
import pyarrow as pa
import pytest

from ingestion import chunk
from ingestion.answers import read_all
from ingestion.collect import Brought, Collected, Dataset, Known, Parsed, Send, Store, replay
from ingestion.errors import BadPayloadError, LandingError, WarehouseError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.nightly import run_night
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.raw import RawTable

NIGHT = Night(date(2026, 1, 16))
KNOWN = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
TABLE = RawTable("example_closes", {"symbol": "varchar", "number": "integer", "close": "double"}, ("symbol", "number"))
COUNTS = RawTable("example_counts", {"symbol": "varchar", "bars": "bigint"}, ("symbol",))


def read_closes(exchange: Exchange) -> pa.Table:
    try:
        closes = json.loads(exchange.body)
    except ValueError as error:
        raise BadPayloadError(f"{exchange.request.unit}: not JSON") from error
    return TABLE.rows({"symbol": exchange.request.unit, "number": n, "close": close} for n, close in enumerate(closes))


def count_closes(exchange: Exchange) -> pa.Table:
    return COUNTS.rows([{"symbol": exchange.request.unit, "bars": len(json.loads(exchange.body))}])


CLOSES = Dataset(
    source="example",
    name="closes",
    tables=(Parsed(TABLE, read_closes), Parsed(COUNTS, count_closes)),
    plan=lambda _night, _known: [Request(symbol, f"/{symbol}") for symbol in ("SPY", "IWM")],
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


def collect(home: Home, dataset: Dataset, night: Night, send: Send) -> Collected:
    (found,) = run_night(home, night, [dataset], lambda _dataset: send, clock=lambda: KNOWN)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path)


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def content(home: Home) -> list[str]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return [raw.content_hash(connection, table.name) for table in (TABLE, COUNTS)]


def test_the_same_night_again_asks_for_nothing_and_changes_nothing(home: Home) -> None:
    provider = Provider(SPY=(Outcome.OK, b"[1.5, 2.5]"), IWM=(Outcome.OK, b"[]"))
    first = collect(home, CLOSES, NIGHT, provider)
    assert first == Collected("example", "closes", 0, {Outcome.OK: 1, Outcome.EMPTY: 1}, 2, 4)
    files = sorted(home.landing.rglob("*.parquet"))
    assert collect(home, CLOSES, NIGHT, provider) == Collected("example", "closes", 2)
    assert provider.asked == ["SPY", "IWM"]
    assert sorted(home.landing.rglob("*.parquet")) == files


def test_one_batch_feeds_several_tables_and_an_empty_answer_still_says_so(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1.5, 2.5]"), IWM=(Outcome.OK, b"[]")))
    assert query(home, "select symbol, bars from raw.example_counts order by all") == [("IWM", 0), ("SPY", 2)]
    assert query(home, "select table_name, rows_new from meta.batches order by all") == [
        ("example_closes", 2),
        ("example_counts", 2),
    ]


@pytest.mark.parametrize("number", [2.5, 2**40])
def test_a_row_that_fits_no_column_is_a_fault_of_its_answer_alone(home: Home, number: float) -> None:
    """The parser gives for IWM what an integer cannot hold: its bytes land, SPY is loaded, IWM is asked again."""

    def read(exchange: Exchange) -> pa.Table:
        position = [number] if exchange.request.unit == "IWM" else [0]
        return pa.table({"symbol": [exchange.request.unit], "number": position, "close": [1.5]})

    misread = replace(CLOSES, tables=(Parsed(TABLE, read), Parsed(COUNTS, count_closes)))
    provider = Provider(SPY=(Outcome.OK, b"[1.5]"), IWM=(Outcome.OK, b"[7]"))
    collect(home, misread, NIGHT, provider)
    assert query(home, "select unit, outcome, left(error, 17) from meta.request_outcomes order by 1") == [
        ("IWM", "bad_payload", "the parser failed"),
        ("SPY", "ok", None),
    ]
    assert query(home, "select symbol from raw.example_closes") == [("SPY",)]
    landed = [each for batch in Landing(home.landing).batches() for each in batch.exchanges()]
    assert {each.request.unit: each.body for each in landed} == {"SPY": b"[1.5]", "IWM": b"[7]"}
    assert replay(home, [CLOSES]) == 1
    assert query(home, "select symbol, close from raw.example_closes order by 1") == [("IWM", 7.0), ("SPY", 1.5)]


def test_answers_whose_rows_cannot_be_made_ready_land_all_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = raw.arrived

    def fails(table: RawTable, pieces: Sequence[tuple[datetime, pa.Table]]) -> raw.Arrival:
        if pieces:
            raise MemoryError("no room for the hashes")
        return arrived(table, pieces)

    monkeypatch.setattr(raw, "arrived", fails)
    found = collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1.5]"), IWM=(Outcome.OK, b"[7]")))
    assert found.outcomes == {Outcome.BAD_PAYLOAD: 2}
    assert sum(1 for batch in Landing(home.landing).batches() for _ in batch.exchanges()) == 2
    assert query(home, "select distinct error from meta.request_outcomes") == [
        ("the parser failed: MemoryError no room for the hashes",)
    ]


def test_a_failed_unit_is_recorded_and_asked_again(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1.5]"), IWM=(Outcome.BLOCKED, b"no")))
    assert query(home, "select unit, outcome from meta.request_outcomes order by unit") == [
        ("IWM", "blocked"),
        ("SPY", "ok"),
    ]
    second = Provider(IWM=(Outcome.OK, b"[7]"))
    assert collect(home, CLOSES, NIGHT, second).rows_added == 2
    assert second.asked == ["IWM"]


def test_what_does_not_exist_is_not_asked_again_in_the_same_night(home: Home) -> None:
    answers = {"SPY": (Outcome.OK, b"[1]"), "IWM": (Outcome.NOT_FOUND, b"")}
    collect(home, CLOSES, NIGHT, Provider(**answers))
    again, later = Provider(**answers), Provider(**answers)
    collect(home, CLOSES, NIGHT, again)
    collect(home, CLOSES, Night(date(2026, 1, 17)), later)
    assert (again.asked, later.asked) == ([], ["SPY", "IWM"])


def test_an_answer_that_cannot_be_read_is_a_failure_and_never_an_empty_result(home: Home) -> None:
    provider = Provider(SPY=(Outcome.OK, b"<html>"), IWM=(Outcome.OK, b"[1]"))
    assert collect(home, CLOSES, NIGHT, provider).outcomes == {Outcome.BAD_PAYLOAD: 1, Outcome.OK: 1}
    assert query(home, "select error from meta.request_outcomes where unit = 'SPY'") == [("SPY: not JSON",)]


def test_a_unit_is_complete_when_its_last_exchange_is(home: Home) -> None:
    def two_steps(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
        yield replace(send(request), request=replace(request, kind="checksum"))
        yield replace(send(request), outcome=Outcome.SERVER_ERROR if request.unit == "SPY" else Outcome.OK)

    provider = Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]"))
    dataset = replace(CLOSES, fetch=two_steps)
    assert collect(home, dataset, NIGHT, provider).outcomes == {Outcome.SERVER_ERROR: 1, Outcome.OK: 1}
    assert collect(home, dataset, NIGHT, provider).skipped == 1
    assert provider.asked == ["SPY", "SPY", "IWM", "IWM", "SPY", "SPY"]


def test_a_page_that_cannot_be_read_ends_its_unit_and_later_pages_do_not_complete_it(home: Home) -> None:
    def pages(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
        first = send(request)
        yield first
        yield replace(first, body=b"[1]")

    provider = Provider(SPY=(Outcome.OK, b"<html>"), IWM=(Outcome.OK, b"[2]"))
    found = collect(home, replace(CLOSES, fetch=pages), NIGHT, provider)
    assert found.outcomes == {Outcome.BAD_PAYLOAD: 1, Outcome.OK: 1}
    assert query(home, "select unit, outcome from meta.request_outcomes order by position") == [
        ("SPY", "bad_payload"),
        ("IWM", "ok"),
        ("IWM", "ok"),
    ]


def test_an_answer_that_a_fetch_cannot_read_is_landed_with_its_bytes(home: Home) -> None:
    def steps(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
        yield send(replace(request, kind="head"))
        send(replace(request, kind="probe"))
        raise BadPayloadError("this is not a block")

    collect(home, replace(CLOSES, fetch=steps), NIGHT, Provider(SPY=(Outcome.OK, b"odd"), IWM=(Outcome.OK, b"odd")))
    (batch,) = Landing(home.landing).batches()
    last = [each for each in batch.exchanges() if each.request.unit == "SPY"][-1]
    assert (last.request.kind, last.body, last.outcome) == ("probe", b"odd", Outcome.BAD_PAYLOAD)
    assert last.error == "this is not a block"


def test_what_earlier_nights_completed_is_known_when_the_next_one_is_planned(home: Home) -> None:
    seen: list[Known] = []

    def plan(_night: Night, known: Known) -> list[Request]:
        seen.append(known)
        return [Request("SPY", "/SPY")]

    provider = Provider(SPY=(Outcome.OK, b"[1]"))
    for day in (16, 17, 18):
        collect(home, replace(CLOSES, plan=plan, expects=lambda _night: ["SPY"]), Night(date(2026, 1, day)), provider)
    assert [known.completed_before("SPY") for known in seen] == [None, date(2026, 1, 16), date(2026, 1, 17)]
    assert seen[1].landed_sha256 == {"SPY": "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22"}


def test_a_fault_in_one_source_costs_the_others_nothing(home: Home) -> None:
    def broken_plan(_night: Night, _known: Known) -> list[Request]:
        raise KeyError("plan")

    def broken_fetch(_request: Request, _send: Send, _known: Known) -> Iterator[Exchange]:
        raise KeyError("fetch")

    other, third = (
        replace(CLOSES, source="other", plan=broken_plan),
        replace(CLOSES, source="third", fetch=broken_fetch),
    )
    provider = Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[2]"))
    found = run_night(home, NIGHT, [other, CLOSES, third], lambda _dataset: provider, clock=lambda: KNOWN)
    assert [each.error for each in found] == ["KeyError: 'plan'", None, None]
    assert [each.outcomes for each in found] == [{}, {Outcome.OK: 2}, {Outcome.BAD_PAYLOAD: 2}]


def test_progress_is_told_from_nothing_to_all(home: Home) -> None:
    told: list[tuple[int, int]] = []
    provider = Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[2]"))
    run_night(
        home, NIGHT, [CLOSES], lambda _: provider, progress=lambda _dataset, done, total: told.append((done, total))
    )
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_killed_night_loses_at_most_a_chunk_and_ends_in_the_same_content(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk, "CHUNK_UNITS", 1)
    answers = {"SPY": (Outcome.OK, b"[1, 2]"), "IWM": (Outcome.OK, b"[3]")}
    add = Store.add_brought

    def add_first_only(store: Store, dataset: Dataset, night: Night, brought: Brought) -> int:
        if brought.exchanges[0].request.unit == "IWM":
            raise KeyboardInterrupt
        return add(store, dataset, night, brought)

    monkeypatch.setattr(Store, "add_brought", add_first_only)
    with pytest.raises(KeyboardInterrupt):
        collect(home, CLOSES, NIGHT, Provider(**answers))
    monkeypatch.setattr(Store, "add_brought", add)
    provider = Provider(**answers)
    collect(home, CLOSES, NIGHT, provider)
    assert provider.asked == ["IWM"]
    whole = Home(home=tmp_path / "whole")
    collect(whole, CLOSES, NIGHT, Provider(**answers))
    assert content(home) == content(whole)


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


def test_what_killed_processes_were_writing_is_gone_with_the_next_night(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))
    (batch,) = home.landing.rglob("batch-*.parquet")
    left = [batch.with_name(".batch-000000002.parquet.writing"), home.home / "warehouse.replaying"]
    left.append(home.home / "warehouse.replaying.wal")
    for path in left:
        path.write_bytes(b"half")
    collect(home, CLOSES, NIGHT, Provider())
    assert [path for path in left if path.exists()] == []
    assert batch.exists()


def test_a_home_that_cannot_be_written_stops_the_night(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise LandingError("the disk is full")

    monkeypatch.setattr(Landing, "write", full)
    with pytest.raises(LandingError, match="the disk is full"):
        collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))


def test_a_warehouse_that_cannot_be_opened_is_one_line_that_says_what_to_do(home: Home) -> None:
    home.prepare()
    home.warehouse.write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match=r"cannot be used \(.*\): free the disk, or close what holds the file"):
        collect(home, CLOSES, NIGHT, Provider())


def test_replaying_landing_gives_identical_raw_tables(home: Home) -> None:
    for day, closes in ((16, b"[1, 2]"), (17, b"[1, 3]"), (18, b"[1, 3, 4]")):
        answers = {"SPY": (Outcome.OK, closes), "IWM": (Outcome.SERVER_ERROR, b"")}
        collect(home, CLOSES, Night(date(2026, 1, day)), Provider(**answers))
    before = content(home)
    home.warehouse.unlink()
    assert replay(home, [CLOSES]) == 3
    assert content(home) == before
    assert query(home, "select count(*) from raw.example_closes") == [(4,)]


def test_a_replay_that_cannot_read_a_dataset_leaves_the_warehouse_alone(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))
    with pytest.raises(LandingError, match=r"nothing here can read: \[\('example', 'closes'\)\]"):
        replay(home, [replace(CLOSES, name="other")])
    assert query(home, "select count(*) from raw.example_closes") == [(2,)]


def test_a_replay_whose_parser_fails_leaves_the_warehouse_alone(home: Home) -> None:
    collect(home, CLOSES, NIGHT, Provider(SPY=(Outcome.OK, b"[1]"), IWM=(Outcome.OK, b"[1]")))
    broken: Callable[[Exchange], pa.Table] = lambda _exchange: TABLE.rows([{"number": "no number"}])  # noqa: E731
    with pytest.raises((pa.ArrowException, TypeError, ValueError)):
        replay(home, [replace(CLOSES, tables=(Parsed(TABLE, broken),))])
    assert query(home, "select count(*) from raw.example_closes") == [(2,)]


def test_a_fault_of_the_parse_for_many_costs_the_answer_it_is_about_alone() -> None:
    def together(exchanges: Sequence[Exchange]) -> None:
        raise NotImplementedError("a kind of archive that nothing here opens")

    def parse(exchange: Exchange) -> pa.Table:
        if exchange.request.unit == "7":
            raise NotImplementedError("a kind of archive that nothing here opens")
        return read_closes(exchange)

    many = replace(CLOSES, tables=(Parsed(TABLE, parse),), parse_together=together)
    exchanges = [Exchange(Request(str(n), f"/{n}"), Outcome.OK, KNOWN, body=b"[1]") for n in range(40)]
    found = {answer.exchange.request.unit: answer.exchange.outcome for answer in read_all(many, exchanges)}
    assert found == {str(n): Outcome.BAD_PAYLOAD if n == 7 else Outcome.OK for n in range(40)}


ASKING = """
from datetime import date
from ingestion import catalogue
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
chosen = [dataset for dataset in catalogue.every_dataset() if dataset.source == "yahoo"]
collect_night(Home(), Night(date(2026, 1, 16)), chosen, ProviderUrls())
"""


def test_a_night_that_is_stopped_does_not_sit_out_the_pauses_between_two_attempts(tmp_path: Path) -> None:
    """Yahoo's pause after a 429 is a minute and more; Ctrl-C must not wait for it."""
    asked = Event()

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(429)
            asked.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    environment = os.environ | {"ROTATION_HOME": str(tmp_path), "ROTATION_YAHOO_URL": address}
    process = subprocess.Popen([sys.executable, "-c", ASKING], env=environment, stderr=subprocess.PIPE)
    try:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        process.wait(40)
    finally:
        process.kill()
        process.communicate()
        server.shutdown()
        server.server_close()
