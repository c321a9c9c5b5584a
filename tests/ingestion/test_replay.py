"""Raw is what landing and the parser say: the same parser gives the same tables to the bit, a better one gives what it
would have given from the first night on, and landing stays as it was written."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ingestion import catalogue
from ingestion.collect import Dataset, Parsed, replay
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_vision.dataset import metrics_file
from ingestion.sources.binance_vision.models import METRICS

NIGHTS = tuple(Night(date(2026, 1, day)) for day in (16, 17, 18))
DAYS = tuple(date(2026, 1, 10) + timedelta(days=offset) for offset in range(5))
SYMBOLS = ("BTCUSDT", "ETHUSDT", "XRPUSDT", "ADAUSDT")  # times five days: more than are read one by one
HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
)
(REAL,) = (each for each in catalogue.datasets() if each.key == ("binance_vision", "metrics"))
RAW = "raw.binance_vision_metrics"
Parse = Callable[[Exchange], pa.Table]


class Archive(ThreadingHTTPServer):
    """Metrics files of two rows; `issue` counts how often the newest file of the first symbol was issued anew."""

    daemon_threads = True
    issue = 0
    swapped = ""
    """The one file that is not what its checksum says."""

    def body(self, name: str) -> bytes:
        symbol, day = name.split("-metrics-")
        issued = self.issue if (symbol, day) == (SYMBOLS[0], str(DAYS[-1])) else 0
        lines = "".join(f"{day} {at}:00,{symbol},{100 + issued},{2 * number},,4,5,6\n" for number, at in enumerate(
            ("00:05", "00:10")))  # fmt: skip
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as packed:
            packed.writestr(zipfile.ZipInfo(f"{name}.csv"), HEADER + lines)
        return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Archive

    def do_GET(self) -> None:
        file = self.path.rsplit("/", 1)[1]
        name = file.removesuffix(".CHECKSUM").removesuffix(".zip")
        body = self.server.body(name)
        if file.endswith(".CHECKSUM"):
            body = f"{hashlib.sha256(body).hexdigest()}  {name}.zip\n".encode()
        elif file == self.server.swapped:
            body = self.server.body(f"{name}9")
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def archive() -> Iterator[Archive]:
    server = Archive(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def scaled(exchange: Exchange) -> pa.Table:
    """A corrected derivation: open interest was in thousands all the time."""
    rows = REAL.tables[0].parse(exchange)
    place = rows.schema.get_field_index("sum_open_interest")
    return rows.set_column(place, METRICS.schema.field(place), pc.multiply(rows["sum_open_interest"], 1000.0))


def refusing(symbol: str) -> Parse:
    """A parser with a fault: one symbol is beyond it."""

    def parse(exchange: Exchange) -> pa.Table:
        if exchange.request.unit.startswith(symbol):
            raise BadPayloadError(f"{exchange.request.unit} is not understood")
        return REAL.tables[0].parse(exchange)

    return parse


def emptied(exchange: Exchange) -> pa.Table:
    """A parser with a fault: it finds no row in anything."""
    return REAL.tables[0].parse(exchange).slice(0, 0)


def read_by(parse: Parse | None) -> Dataset:
    """The real dataset over the sample, with another parser (None: its own, many files at once)."""
    requests = [metrics_file(symbol, day).request() for symbol in SYMBOLS for day in DAYS]
    sample = replace(
        REAL, plan=lambda _night, _known: requests, expects=lambda _known: [each.unit for each in requests]
    )
    return sample if parse is None else replace(sample, tables=(Parsed(METRICS, parse),), parse_together=None)


def three_nights(home: Home, archive: Archive, dataset: Dataset) -> None:
    """Each night asks the whole window again; the file issued anew gives versions and revisions."""
    urls = ProviderUrls(binance_vision_url=f"http://127.0.0.1:{archive.server_port}")
    for archive.issue, night in enumerate(NIGHTS):
        moment = datetime(2026, 1, night.day.day + 1, 10, 30, tzinfo=UTC)
        (found,) = collect_night(home, night, [dataset], urls, lambda moment=moment: moment)
        assert found.error is None


def everything(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Every row of raw in its stored order with batch, moment and hash; the revisions; the ledger of batches."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return {
            "raw": connection.execute(f"select rowid, * from {RAW} order by rowid").fetchall(),
            "revisions": connection.execute("from meta.revisions order by all").fetchall(),
            "batches": connection.execute("from meta.batches order by all").fetchall(),
        }


def outcomes(home: Home) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(
            "select batch_id, position, unit, kind, outcome, error from meta.request_outcomes order by all"
        ).fetchall()


def landed(home: Home) -> dict[str, str]:
    return {
        str(path.relative_to(home.landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.landing.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path / "home")


@pytest.fixture
def fresh(tmp_path: Path) -> Home:
    return Home(home=tmp_path / "fresh")


def test_the_same_parser_gives_raw_to_the_bit(home: Home, archive: Archive) -> None:
    three_nights(home, archive, read_by(None))
    before, known, files = everything(home), outcomes(home), landed(home)
    assert len(before["raw"]) == 2 * len(SYMBOLS) * len(DAYS) + 2 * 2  # two rows a file, two issued anew
    assert {row[-1] for row in before["revisions"]} == {2, 3}
    replay(home, [read_by(None)])
    assert everything(home) == before
    assert outcomes(home) == known
    assert landed(home) == files


@pytest.mark.parametrize(
    "old",
    [
        pytest.param(None, id="a column is derived otherwise"),
        pytest.param(emptied, id="rows were overlooked"),
    ],
)
def test_after_a_change_of_the_parser_raw_is_as_if_it_had_always_been_the_new_one(
    home: Home, fresh: Home, archive: Archive, old: Parse | None
) -> None:
    new = read_by(scaled)
    three_nights(home, archive, read_by(old))
    before, files = everything(home), landed(home)
    assert replay(home, [new]) == 3
    three_nights(fresh, archive, new)
    assert everything(home) == everything(fresh) != before
    assert outcomes(home) == outcomes(fresh)
    assert {row[-2] for row in everything(home)["raw"]} == {
        datetime(2026, 1, day, 10, 30, tzinfo=UTC) for day in (17, 18, 19)
    }
    assert landed(home) == files


def test_what_an_old_parser_refused_is_read_from_landing_by_a_new_one(
    home: Home, fresh: Home, archive: Archive
) -> None:
    """The rows are there as if they had been read at once; that the unit failed then stays said."""
    three_nights(home, archive, read_by(refusing("BTCUSDT")))
    files = landed(home)
    failed = [row for row in outcomes(home) if row[4] == "bad_payload"]
    assert {str(row[2]).split("/")[0] for row in failed} == {"BTCUSDT"}
    replay(home, [read_by(None)])
    three_nights(fresh, archive, read_by(None))
    values = "symbol, file_date, create_time, sum_open_interest, _known_at, _row_hash"
    assert contents(home, values) == contents(fresh, values)
    assert [row for row in outcomes(home) if row[4] == "bad_payload"] == failed
    assert landed(home) == files


def test_a_file_that_is_not_what_its_checksum_says_is_read_by_no_parser(home: Home, archive: Archive) -> None:
    archive.swapped = f"{SYMBOLS[1]}-metrics-{DAYS[0]}.zip"
    three_nights(home, archive, read_by(None))
    replay(home, [read_by(scaled)])
    assert contents(home, "count(*)") == [(2 * (len(SYMBOLS) * len(DAYS) - 1) + 2 * 2,)]


def test_a_damaged_warehouse_is_built_again_and_its_log_is_not_played_into_the_new_one(
    home: Home, archive: Archive
) -> None:
    three_nights(home, archive, read_by(None))
    before = everything(home)
    home.warehouse.write_bytes(b"no database" * 1000)
    log = home.warehouse.with_name("warehouse.duckdb.wal")
    log.write_bytes(b"no log" * 1000)
    replay(home, [read_by(None)])
    assert everything(home) == before
    assert not log.exists()


def test_what_past_nights_lacked_and_what_was_asked_for_outlive_a_replay(home: Home, archive: Archive) -> None:
    three_nights(home, archive, read_by(None))
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into meta.backfills values ('binance_vision', 'metrics', '2025-01-01', '2025-01-02')"
        )
        told = [connection.execute(f"from meta.{name} order by all").fetchall() for name in ("coverage", "backfills")]
    assert len(told[0]) == len(NIGHTS)
    replay(home, [read_by(None)])
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        kept = [connection.execute(f"from meta.{name} order by all").fetchall() for name in ("coverage", "backfills")]
    assert (kept[0][:-1], kept[1]) == (told[0][:-1], told[1])
    assert [row[2] for row in kept[0]] == [night.day for night in NIGHTS]


def contents(home: Home, columns: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(f"select {columns} from {RAW} order by all").fetchall()
