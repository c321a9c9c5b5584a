"""A window of past days: asked once, whatever stops it, and never at the cost of what the home knows already."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import duckdb
import pytest

from ingestion import catalogue, reference
from ingestion.backfill import collect_window, window_of
from ingestion.collect import Dataset, Known, Store, replay
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls

FIRST, LAST, TONIGHT = Night(date(2024, 3, 1)), Night(date(2024, 3, 3)), Night(date(2026, 1, 16))
HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
)
PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from ingestion import catalogue, chunk, reference
from ingestion.backfill import collect_window
from ingestion.night import Night
from ingestion.settings import Home, ProviderUrls
chunk.CHUNK_UNITS = 10
chosen = reference.perpetuals()[:25]
reference.perpetuals = lambda: chosen
(metrics,) = [each for each in catalogue.datasets() if each.key == ("binance_vision", "metrics")]
first, last = Night(date(2024, 3, 1)), Night(date(2024, 3, 3))
collect_window(Home(home=Path(sys.argv[1])), first, last, [metrics], ProviderUrls(binance_vision_url=sys.argv[2]))
"""


def dataset(source: str, name: str) -> Dataset:
    (found,) = (each for each in catalogue.datasets() if each.key == (source, name))
    return found


METRICS = dataset("binance_vision", "metrics")


class Archive(ThreadingHTTPServer):
    """A day of metrics for whatever file is asked; remembers what was asked, and can be slow."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.lock = Lock()
        self.pause_seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def files(self) -> list[str]:
        return [name for name in self.asked if name.endswith(".zip")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Archive

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append(self.path.rsplit("/", 1)[1])
        time.sleep(self.server.pause_seconds)
        name = self.path.rsplit("/", 1)[1].removesuffix(".CHECKSUM").removesuffix(".zip")
        symbol, day = name.split("-metrics-")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), f"{HEADER}{day} 00:05:00,{symbol},1,2,3,4,5,6\n")
        body = buffer.getvalue()
        if self.path.endswith(".CHECKSUM"):
            body = f"{hashlib.sha256(body).hexdigest()}  {name}.zip\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def archive() -> Iterator[Archive]:
    server = Archive()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of perpetuals shows all that many do."""
    chosen = reference.perpetuals()[:4]
    monkeypatch.setattr(reference, "perpetuals", lambda: chosen)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path / "home")


def window(home: Home, archive: Archive) -> None:
    collect_window(home, FIRST, LAST, [METRICS], ProviderUrls(binance_vision_url=archive.url))


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_killed_window_goes_on_with_the_missing_units_only(
    home: Home, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = reference.perpetuals()[:25]
    monkeypatch.setattr(reference, "perpetuals", lambda: chosen)
    archive.pause_seconds = 0.01
    killed = subprocess.Popen([sys.executable, "-c", PROGRAM, str(home.home), archive.url], env=os.environ)
    until = time.monotonic() + 60
    while len(archive.files()) < 40 and time.monotonic() < until:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    archive.pause_seconds = 0.0
    before = archive.files()
    exchanges = [exchange for batch in Landing(home.landing).batches() for exchange in batch.exchanges()]
    landed = {exchange.request.unit for exchange in exchanges if exchange.request.kind == "data"}
    assert landed
    with archive.lock:
        archive.asked.clear()
    window(home, archive)
    again = {name.removesuffix(".zip").replace("-metrics-", "/") for name in archive.files()}
    units = {unit for (unit,) in query(home, "select unit from meta.request_outcomes where kind = 'data'")}
    assert again & landed == set()
    assert again | landed == units
    assert len(units) > len(before)
    rows = query(home, "select count(*), count(distinct (symbol, file_date)) from raw.binance_vision_metrics")
    assert rows == [(len(units), len(units))]
    with archive.lock:
        archive.asked.clear()
    window(home, archive)
    assert archive.asked == []


@pytest.mark.usefixtures("few")
def test_what_a_killed_window_did_not_ask_is_a_gap_until_it_is_there(home: Home, archive: Archive) -> None:
    urls = ProviderUrls(binance_vision_url=archive.url)
    asked = METRICS.over(3)  # type: ignore[misc]
    units = asked.plan(LAST, Known(LAST, LAST.as_of))
    home.prepare()
    with closing(Store(home, [METRICS])) as store:
        store.record_window(FIRST.day, LAST.day)
    collect_night(home, LAST, [replace(asked, plan=lambda _night, _known: units[:1])], urls)
    assert open_units(home) == 0  # nobody has judged it yet
    with closing(Store(home, [METRICS])) as store:
        store.assess_coverage(TONIGHT)
    assert open_units(home) == len(units) - 1
    collect_night(home, TONIGHT, [METRICS.over(1)], urls)  # type: ignore[misc]
    window(home, archive)
    assert open_units(home) == 0


def open_units(home: Home) -> int:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        ((count,),) = connection.execute(
            "select coalesce(sum(missing), 0) from meta.coverage_gaps where reason = 'not_asked' and last_day <= ?",
            [LAST.day],
        ).fetchall()
    return int(count)


@pytest.mark.usefixtures("few")
def test_a_window_of_the_past_leaves_the_newest_night_and_fetches_what_lies_before_its_history(
    home: Home, archive: Archive
) -> None:
    urls = ProviderUrls(binance_vision_url=archive.url)
    two_days = METRICS.over(2)  # type: ignore[misc]
    collect_night(home, TONIGHT, [two_days], urls)
    window(home, archive)
    assert query(home, "select max(night) from meta.request_outcomes") == [(TONIGHT.day,)]
    days = query(home, "select distinct file_date from raw.binance_vision_metrics order by 1")
    assert days == [(FIRST.day + timedelta(days=n),) for n in range(3)] + [(date(2026, 1, n),) for n in (15, 16)]


@pytest.mark.usefixtures("few")
def test_a_replay_keeps_which_windows_were_asked_for(home: Home, archive: Archive) -> None:
    window(home, archive)
    before = query(home, "from meta.backfills"), query(home, "from meta.coverage_gaps order by all")
    replay(home, [METRICS])
    assert (query(home, "from meta.backfills"), query(home, "from meta.coverage_gaps order by all")) == before


def test_only_a_window_that_ends_the_home_asks_for_the_present() -> None:
    both = [METRICS, dataset("yahoo", "chart")]
    assert [each.source for each in window_of(FIRST, LAST, both, None)] == ["binance_vision", "yahoo"]
    assert [each.source for each in window_of(FIRST, LAST, both, LAST)] == ["binance_vision", "yahoo"]
    assert [each.source for each in window_of(FIRST, LAST, both, TONIGHT)] == ["binance_vision"]


def test_a_window_has_the_stand_ins_of_what_it_asks_for() -> None:
    found = {each.key: each for each in window_of(FIRST, LAST, list(catalogue.datasets()), TONIGHT)}
    names = ("binance_futures/ratios", "bybit/account_ratio", "okx/ratios", "binance_vision/funding")
    stand_ins = {tuple(name.split("/")) for name in (*names, "blockscout/transfers")}
    assert stand_ins <= set(found)
    assert all(set(found[key].after) <= set(found) and found[key].after for key in stand_ins)
    assert all(each.expected_units(LAST) == [] for key, each in found.items() if key in stand_ins)


def planned(source: str, name: str, first: date, last: date, **known: object) -> list[str]:
    (found,) = window_of(Night(first), Night(last), [dataset(source, name)], None)
    moment = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
    return [request.unit for request in found.plan(Night(last), Known(Night(last), moment, **known))]  # type: ignore[arg-type]


def test_every_day_of_the_window_is_a_unit_of_each_perpetual_listed_then() -> None:
    units = planned("binance_vision", "metrics", FIRST.day, LAST.day)
    assert [unit for unit in units if unit.startswith("BTCUSDT/")] == [f"BTCUSDT/2024-03-0{n}" for n in (1, 2, 3)]


def test_bars_are_asked_by_month_and_the_last_month_by_day() -> None:
    units = planned("binance_vision", "klines", date(2023, 12, 20), date(2024, 2, 8))
    daily = [f"BTCUSDT/1d/2024-02-0{n}" for n in range(1, 9)]
    assert [unit for unit in units if unit.startswith("BTCUSDT/1d/")] == [
        "BTCUSDT/1d/2024-01",
        "BTCUSDT/1d/2023-12",
        *daily,
    ]


def test_caps_are_asked_by_calendar_month_and_a_complete_month_not_again() -> None:
    first, last = date(2023, 12, 20), date(2024, 2, 8)
    months = ["2023-12-20..2023-12-31", "2024-01-01..2024-01-31", "2024-02-01..2024-02-08"]
    units = planned("coinmetrics", "asset_metrics", first, last)
    assert units == [f"{share}/{month}" for share in ("caps", "flows") for month in months]
    again = planned("coinmetrics", "asset_metrics", first, last, completed={f"caps/{months[1]}": [last]})
    assert set(units) - set(again) == {f"caps/{months[1]}"}


def test_blocks_reach_one_day_beyond_the_window_so_that_its_last_day_has_an_end() -> None:
    units = planned("ethereum", "blocks", FIRST.day, LAST.day)
    assert units == ["2024-03-04", "2024-03-03", "2024-03-02", "2024-03-01"]
