"""Dropped files: recognised by their header, landed unchanged, never followed out of the folder."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.catalogue import dropped_datasets, every_dataset
from ingestion.collect import replay
from ingestion.errors import BadPayloadError
from ingestion.exchange import Outcome
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.sources.inbox import folder
from ingestion.sources.inbox.folder import Taken, take_inbox, waiting
from ingestion.sources.inbox.models import LAYOUTS
from ingestion.sources.inbox.parse import (
    parse_asset_metrics,
    parse_equity_bars,
    parse_exchange_flows,
    recognise,
    series_of,
)

NIGHT = Night(date(2026, 1, 16))
YAHOO = b"Date,Adj Close,Close,High,Low,Open,Volume\n2026-01-15,9.5,10.0,11,9,10,100\n2026-01-16,null,10.5,11,9,10,\n"
STOOQ = b"Date,Open,High,Low,Close,Volume\r\n2026-01-16,1,2,0.5,1.5,7\r\n"
FLOWS = b"date,netflow_total,inflow_total,outflow_total,reserve\n2026-01-15,-2.5,1,3.5,\n2026-01-16,,4,0,10\n"
METRICS = b"time,PriceUSD,CapMrktCurUSD,TxCnt\n2026-01-15,,5,9\n2026-01-16T00:00:00.000000000Z,2,6,9\n"
REAL = Path(__file__).parents[4] / "shared" / "real"
NAMES = ("RUT", "GSPC", "IWM", "SPY")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(home=tmp_path)
    place.prepare()
    return place


def drop(home: Home, name: str, body: bytes, age_seconds: float = 60) -> Path:
    path = home.inbox / name
    path.write_bytes(body)
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


def take(home: Home) -> list[Taken]:
    return take_inbox(home, NIGHT, dropped_datasets(), datetime(2026, 1, 17, 10, 30, tzinfo=UTC))


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def reason(home: Home, name: str) -> str:
    return (home.inbox / "rejected" / f"{name}.reason.txt").read_text()


@pytest.mark.parametrize(
    ("body", "layout"), [(YAHOO, "yahoo"), (STOOQ, "stooq"), (FLOWS, "cryptoquant"), (METRICS, "coinmetrics")]
)
def test_a_layout_is_known_by_its_header_and_by_one_only(body: bytes, layout: str) -> None:
    assert recognise(body).name == layout
    assert recognise(b"\xef\xbb\xbf" + body).name == layout
    header = frozenset(body.split(b"\n", 1)[0].decode().strip().lower().split(","))
    assert [each.name for each in LAYOUTS if each.fits(header)] == [layout]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"a,b\n1,2\n",
        b"date,open,high,low,close,volume,wap,count\n",
        b"Date,Date,Open\n",
        b"\xff\xfe\x00",
        b"PAR1",
    ],
)
def test_any_other_header_is_refused_with_the_ones_that_are_known(body: bytes) -> None:
    with pytest.raises(BadPayloadError):
        recognise(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"No data", "no data for that symbol or window"),
        (b"Exceeded the daily hits limit", "quota of a day is used up"),
        (b"Get your apikey:\n\n1. Open https://example.invalid/?get_apikey\n2. Enter the captcha\n", "asks for a key"),
        (b"Access denied", "refuses the address"),
        (b"\n<!DOCTYPE html>\n<html><script>fetch('/__verify')</script></html>", "it is a web page"),
    ],
)
def test_what_stooq_says_under_http_200_in_place_of_a_file_is_told_for_what_it_is(
    home: Home, body: bytes, said: str
) -> None:
    drop(home, "spy_us_d.csv", body)
    (taken,) = take(home)
    assert taken.dataset is None
    assert said in reason(home, "spy_us_d.csv")


def test_a_header_with_a_new_column_is_no_known_layout() -> None:
    with pytest.raises(
        BadPayloadError, match=r"columns 'date, netflow_total, datetime'. Known are yahoo: .*cryptoquant"
    ):
        recognise(b"date,netflow_total,datetime\n")


@pytest.mark.parametrize(
    ("layout", "name", "series"),
    [
        ("yahoo", "^RUT.csv", "RUT"),
        ("stooq", "spy_us_d.csv", "SPY"),
        ("stooq", "^spx_d.csv", "GSPC"),
        ("yahoo", "IWM.parquet", "IWM"),
        ("cryptoquant", "LINK_binance.csv", "link/binance"),
        ("cryptoquant", "btc_all_exchange.csv", "btc/all_exchange"),
        ("coinmetrics", "btc.csv", "btc"),
    ],
)
def test_the_name_says_whose_the_rows_are(layout: str, name: str, series: str) -> None:
    (found,) = (each for each in LAYOUTS if each.name == layout)
    assert series_of(found, name, NAMES) == series


@pytest.mark.parametrize(("layout", "name"), [("yahoo", "AAPL.csv"), ("stooq", "_.csv"), ("cryptoquant", "flows.csv")])
def test_a_name_that_says_nothing_is_refused_with_an_example(layout: str, name: str) -> None:
    (found,) = (each for each in LAYOUTS if each.name == layout)
    with pytest.raises(BadPayloadError, match="as in "):
        series_of(found, name, NAMES)


def test_bars_keep_the_columns_of_their_layout_and_null_is_not_zero() -> None:
    rows = parse_equity_bars(YAHOO, "RUT").to_pylist()
    assert [(row["session_date"], row["close"], row["adj_close"], row["volume"]) for row in rows] == [
        (date(2026, 1, 15), 10.0, 9.5, 100.0),
        (date(2026, 1, 16), 10.5, None, None),
    ]
    (bar,) = parse_equity_bars(STOOQ, "SPY").to_pylist()
    assert (bar["layout"], bar["symbol"], bar["low"], bar["close"], bar["adj_close"]) == (
        "stooq",
        "SPY",
        0.5,
        1.5,
        None,
    )


def test_flows_and_metrics_are_a_row_for_each_value_that_is_there() -> None:
    flows = parse_exchange_flows(FLOWS, "link", "binance")
    assert {(row["metric"], row["date"].day): row["value"] for row in flows.to_pylist()} == {
        ("netflow", 15): -2.5,
        ("inflow", 15): 1,
        ("inflow", 16): 4,
        ("outflow", 15): 3.5,
        ("outflow", 16): 0,
        ("reserve", 16): 10,
    }
    metrics = parse_asset_metrics(METRICS, "btc").to_pylist()
    assert [(row["asset"], row["metric"], row["date"].day, row["value"]) for row in metrics] == [
        ("btc", "PriceUSD", 16, 2.0),
        ("btc", "CapMrktCurUSD", 15, 5.0),
        ("btc", "CapMrktCurUSD", 16, 6.0),
    ]


def test_the_column_asset_says_more_than_the_name() -> None:
    rows = parse_asset_metrics(b"asset,time,PriceUSD\neth,2026-01-15,3\nbtc,2026-01-15,4\n", "export")
    assert [(row["asset"], row["value"]) for row in rows.to_pylist()] == [("eth", 3.0), ("btc", 4.0)]


def test_parquet_gives_the_rows_of_the_same_csv() -> None:
    days = pa.array([date(2026, 1, 16)])
    for column in (days, days.cast(pa.timestamp("ns")), days.cast(pa.string())):
        numbers = {
            name: pa.array([value]) for name, value in (("Open", 1.0), ("High", 2.0), ("Low", 0.5), ("Close", 1.5))
        }
        buffer = io.BytesIO()
        pq.write_table(pa.table({"Date": column, **numbers, "Volume": pa.array([7])}), buffer)
        assert parse_equity_bars(buffer.getvalue(), "SPY") == parse_equity_bars(STOOQ, "SPY")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"2026-01-16 14:30:00,1,2,0.5,1.5", "is not a day as YYYY-MM-DD"),
        (b"01/16/2026,1,2,0.5,1.5", "is not a day as YYYY-MM-DD"),
        (b"2026-02-30,1,2,0.5,1.5", "daily bars"),
        (b",1,2,0.5,1.5", "1 rows have no date"),
        (b"2026-01-16,1,2,0.5,inf", "not finite"),
        (b"2026-01-16,1,2,0.5,n/a", "daily bars"),
        (b"2026-01-16,1,2", "daily bars"),
    ],
)
def test_a_row_that_is_no_daily_bar_refuses_the_file(line: bytes, problem: str) -> None:
    with pytest.raises(BadPayloadError, match=problem):
        parse_equity_bars(b"Date,Open,High,Low,Close\n" + line + b"\n", "SPY")


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.sampled_from([YAHOO, STOOQ, FLOWS, METRICS]), st.integers(0, 200), st.binary(max_size=30))
def test_a_thousand_files_give_rows_or_our_error(body: bytes, place: int, noise: bytes) -> None:
    spoiled = body[:place] + noise + body[place:]
    for read in (
        lambda: recognise(spoiled),
        lambda: parse_equity_bars(spoiled, "SPY"),
        lambda: parse_exchange_flows(spoiled, "link", "binance"),
        lambda: parse_asset_metrics(spoiled, "btc"),
    ):
        with contextlib.suppress(BadPayloadError):
            read()


def test_a_file_is_landed_unchanged_loaded_listed_and_put_away(home: Home) -> None:
    drop(home, "^RUT.csv", YAHOO)
    drop(home, "link_binance.csv", FLOWS)
    assert take(home) == [
        Taken("^RUT.csv", "equity_bars", Outcome.OK, 2),
        Taken("link_binance.csv", "exchange_flows", Outcome.OK, 6),
    ]
    bodies = {e.request.path: e.body for batch in Landing(home.landing).batches() for e in batch.exchanges()}
    assert bodies == {"/^RUT.csv": YAHOO, "/link_binance.csv": FLOWS}
    assert query(home, "select symbol, close from raw.inbox_equity_bars order by session_date") == [
        ("RUT", 10.0),
        ("RUT", 10.5),
    ]
    assert query(home, "select dataset, outcome, night from meta.request_outcomes order by 1") == [
        ("equity_bars", "ok", NIGHT.day),
        ("exchange_flows", "ok", NIGHT.day),
    ]
    assert sorted(path.name for path in (home.inbox / "done").iterdir()) == ["^RUT.csv", "link_binance.csv"]
    assert waiting(home.inbox) == []


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_a_new_version(home: Home) -> None:
    for body in (STOOQ, STOOQ, STOOQ.replace(b"1.5", b"1.6")):
        drop(home, "spy_us_d.csv", body)
        take(home)
    assert query(home, "select close, count(*) from raw.inbox_equity_bars group by 1 order by 1") == [
        (1.5, 1),
        (1.6, 1),
    ]
    assert len(Landing(home.landing).batches()) == 2
    names = ["spy_us_d-2.csv", "spy_us_d-3.csv", "spy_us_d.csv"]
    assert sorted(path.name for path in (home.inbox / "done").iterdir()) == names
    assert query(home, "select column_name, reason from meta.revisions") == [("close", "restated")]


def test_a_crash_before_the_file_is_put_away_loads_it_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(home, "SPY.csv", STOOQ)

    def killed(*_arguments: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(folder, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            take(home)
    assert [file.name for file in waiting(home.inbox)] == ["SPY.csv"]
    assert take(home) == [Taken("SPY.csv", "equity_bars")]
    assert query(home, "select count(*) from raw.inbox_equity_bars") == [(1,)]


def test_an_unknown_file_is_rejected_with_its_reason_and_nothing_is_loaded(home: Home) -> None:
    drop(home, "notes.txt", b"hello\n")
    (taken,) = take(home)
    assert taken.dataset is None
    assert "no known layout has the columns 'hello'" in reason(home, "notes.txt")
    assert (home.inbox / "rejected" / "notes.txt").read_bytes() == b"hello\n"
    assert Landing(home.landing).batches() == []


def test_a_recognised_file_that_cannot_be_read_is_in_the_ledger_and_rejected(home: Home) -> None:
    drop(home, "SPY.csv", STOOQ + b"soon,1,2,0.5,1.5,7\n")
    (taken,) = take(home)
    assert taken.outcome is Outcome.BAD_PAYLOAD
    assert "'soon' is not a day" in reason(home, "SPY.csv")
    assert query(home, "select outcome from meta.request_outcomes") == [("bad_payload",)]


def test_a_file_that_was_just_written_is_left_alone(home: Home) -> None:
    drop(home, "SPY.csv", STOOQ[:20], age_seconds=1)
    assert take(home) == []
    assert (home.inbox / "SPY.csv").exists()


def test_a_file_that_grows_while_it_is_read_is_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(home, "SPY.csv", STOOQ)
    real = os.fstat
    calls = []

    def grown(handle: int) -> os.stat_result:
        calls.append(handle)
        if len(calls) == 2:
            with path.open("ab") as file:
                file.write(b"2026-01-17,1,2,0.5,1.5,7\n")
        return real(handle)

    monkeypatch.setattr(folder.os, "fstat", grown)
    assert take(home) == []
    assert path.exists()


def test_a_link_is_not_followed_and_its_target_stays(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(STOOQ)
    (home.inbox / "SPY.csv").symlink_to(secret)
    os.utime(home.inbox / "SPY.csv", (1, 1), follow_symlinks=False)
    (taken,) = take(home)
    assert "links are not followed" in str(taken.reason)
    assert secret.read_bytes() == STOOQ
    assert (home.inbox / "rejected" / "SPY.csv").is_symlink()
    assert Landing(home.landing).batches() == []


def test_pipes_folders_and_hidden_files_are_not_read(home: Home) -> None:
    os.mkfifo(home.inbox / "SPY.csv")
    os.utime(home.inbox / "SPY.csv", (1, 1))
    (home.inbox / "folder").mkdir()
    drop(home, ".hidden.csv", STOOQ)
    (taken,) = take(home)
    assert taken.reason == "it is not a regular file"
    assert sorted(path.name for path in home.inbox.iterdir()) == [".hidden.csv", "folder", "rejected"]


def test_a_file_that_is_too_large_or_empty_is_rejected(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LARGEST_BYTES", 10)
    drop(home, "SPY.csv", STOOQ)
    drop(home, "IWM.csv", b"")
    assert [taken.reason for taken in take(home)] == [
        "it is empty",
        f"it has {len(STOOQ)} bytes, the largest that is read has 10: split it",
    ]


def test_landed_files_are_replayed_to_the_same_rows(home: Home) -> None:
    drop(home, "SPY.csv", YAHOO)
    drop(home, "btc.csv", METRICS)
    take(home)
    tables = ("inbox_equity_bars", "inbox_asset_metrics")
    before = [query(home, f"from raw.{table} order by all") for table in tables]
    replay(home, every_dataset())
    assert [query(home, f"from raw.{table} order by all") for table in tables] == before


@pytest.mark.skipif(not REAL.exists(), reason="recorded files are not on this machine")
@pytest.mark.parametrize(
    ("source", "name", "table", "rows"),
    [
        ("equities/rut_daily_yahoo.csv", "^RUT.csv", "inbox_equity_bars", 2160),
        ("equities/spx_daily_yahoo.csv", "^GSPC.csv", "inbox_equity_bars", 2553),
        ("equities/iwm_daily_adjusted.csv", "iwm_us_d.csv", "inbox_equity_bars", 2573),
        ("equities/spy_daily_unadjusted.csv", "spy.csv", "inbox_equity_bars", 2587),
        ("flows/cryptoquant_eth_exchange_flows_daily.csv.gz", "eth_all_exchange.csv", "inbox_exchange_flows", 15_592),
        ("crypto/coinmetrics/btc_asof_2026-03-23.csv.gz", "btc.csv", "inbox_asset_metrics", 39_072),
    ],
)
def test_recorded_exports_are_recognised_and_every_row_is_loaded(
    home: Home, source: str, name: str, table: str, rows: int
) -> None:
    body = (REAL / source).read_bytes()
    drop(home, name, gzip.decompress(body) if source.endswith(".gz") else body)
    (taken,) = take(home)
    assert taken.reason is None
    assert query(home, f"select count(*) from raw.{table}") == [(rows,)]


@pytest.mark.skipif(not REAL.exists(), reason="recorded files are not on this machine")
def test_a_recorded_file_with_columns_of_its_own_is_rejected(home: Home) -> None:
    drop(home, "RUT.csv", (REAL / "equities" / "rut_daily.csv").read_bytes())
    (taken,) = take(home)
    assert "wap, count" in str(taken.reason)
