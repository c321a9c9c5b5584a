"""Yahoo's chart: recorded answers, each trap by name, and a night through a real server on loopback."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import catalogue
from ingestion.collect import replay
from ingestion.errors import BadPayloadError
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.yahoo.parse import parse_chart

RECORDED = Path(__file__).parents[4] / "shared" / "real" / "payloads" / "yahoo_v8_chart"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not beside this checkout")

AFTER = datetime(2026, 7, 1, tzinfo=UTC)
WINTER_OPEN, SUMMER_OPEN, SUMMER_LAST_TRADE = 1768573800, 1781789400, 1781812800
SUMMER_CLOSE = SUMMER_LAST_TRADE


def chart(stamps: list[int] | None, closes: list[Any], symbol: str = "SPY", **meta: object) -> bytes:
    result: dict[str, Any] = {
        "meta": {
            "symbol": symbol,
            "dataGranularity": "1d",
            "exchangeTimezoneName": "America/New_York",
            "gmtoffset": -14400,
        }
        | meta,
        "indicators": {"quote": [dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": None}]},
    }
    if stamps is None:
        result["indicators"] = {"quote": [{}]}
    else:
        result["timestamp"] = stamps
        result["indicators"]["quote"][0]["volume"] = [100] * len(closes)
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def days(body: bytes) -> list[tuple[date, float]]:
    return [(row.session_date, row.close) for row in parse_chart(body, "SPY", AFTER)]


@recorded
def test_the_recorded_split_year_of_apple() -> None:
    rows = parse_chart((RECORDED / "AAPL_2020-08-31_2020-11-07.json").read_bytes(), "AAPL", AFTER)
    assert (len(rows), rows[0].session_date, rows[-1].session_date) == (49, date(2020, 8, 31), date(2020, 11, 6))
    assert rows[0].close == pytest.approx(129.04, abs=0.01)


@recorded
def test_a_recorded_answer_in_minute_bars_is_refused() -> None:
    body = (RECORDED / "AAPL_2025-02-01_2025-02-02_1m_empty.json").read_bytes()
    with pytest.raises(BadPayloadError, match="bars of '1m'"):
        parse_chart(body, "AAPL", AFTER)


def test_the_newest_bar_stamped_with_the_last_trade_keeps_its_session_date() -> None:
    assert days(chart([SUMMER_LAST_TRADE], [690.0])) == [(date(2026, 6, 18), 690.0)]


def test_the_offset_of_today_is_not_used_for_a_winter_bar() -> None:
    assert days(chart([WINTER_OPEN, SUMMER_OPEN], [1.0, 2.0])) == [(date(2026, 1, 16), 1.0), (date(2026, 6, 18), 2.0)]


def test_of_two_bars_on_one_date_the_last_counts() -> None:
    assert days(chart([SUMMER_OPEN, SUMMER_LAST_TRADE], [1.0, 2.0])) == [(date(2026, 6, 18), 2.0)]


def test_a_null_bar_is_left_out_and_not_zero() -> None:
    assert days(chart([WINTER_OPEN, SUMMER_OPEN], [None, 2.0])) == [(date(2026, 6, 18), 2.0)]


def test_a_null_row_before_a_good_one_of_the_same_date() -> None:
    assert days(chart([SUMMER_OPEN, SUMMER_LAST_TRADE], [None, 2.0])) == [(date(2026, 6, 18), 2.0)]


def test_a_window_without_bars_is_empty() -> None:
    assert days(chart(None, [])) == []


@pytest.mark.parametrize(("fetched_at", "kept"), [(SUMMER_CLOSE - 1, 1), (SUMMER_CLOSE, 2)])
def test_a_session_that_has_not_ended_is_left_out(fetched_at: int, kept: int) -> None:
    period = {"regular": {"start": SUMMER_OPEN, "end": SUMMER_CLOSE}}
    body = chart([WINTER_OPEN, SUMMER_OPEN], [1.0, 2.0], currentTradingPeriod=period)
    assert len(parse_chart(body, "SPY", datetime.fromtimestamp(fetched_at, UTC))) == kept


def test_bars_before_1970_are_read() -> None:
    assert days(chart([-1325583000], [17.66])) == [(date(1927, 12, 30), 17.66)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"Edge: Too Many Requests", "not a daily chart"),
        (b"<html>Will be right back</html>", "not a daily chart"),
        (b'{"chart":{"result":null,"error":{"code":"Not Found","description":"x"}}}', "refused SPY: Not Found"),
        (chart([WINTER_OPEN], [1.0], symbol="IWM"), "answered with 'IWM'"),
        (chart([WINTER_OPEN], [1.0], dataGranularity="1mo"), "bars of '1mo'"),
        (chart([WINTER_OPEN], [float("inf")]), "Infinity is not a number"),
        (chart([WINTER_OPEN], [-1.0]), "greater than 0"),
        (chart([WINTER_OPEN, SUMMER_OPEN], [1.0]), "1 values for 2 bars"),
        (chart([WINTER_OPEN], ["a"]), "valid number"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_chart(body, "SPY", AFTER)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, st.lists(st.integers(), max_size=3), st.sampled_from(["chart", "result", "meta", "quote", "zone"]))
def test_any_body_gives_rows_or_our_error(value: Any, stamps: list[int], where: str) -> None:
    body = json.loads(chart(stamps, [1.0] * len(stamps)))
    result = body["chart"]["result"][0]
    spoiled = {
        "chart": value,
        "result": {"chart": {"result": value}},
        "meta": {"chart": {"result": [result | {"meta": value}]}},
        "quote": {"chart": {"result": [result | {"indicators": {"quote": value}}]}},
        "zone": {"chart": {"result": [result | {"meta": result["meta"] | {"exchangeTimezoneName": value}}]}},
    }[where]
    with contextlib.suppress(BadPayloadError):
        parse_chart(json.dumps(spoiled).encode(), "SPY", AFTER)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        symbol = unquote(url.path.rsplit("/", 1)[1])
        in_window = int(parse_qs(url.query)["period2"][0]) > WINTER_OPEN
        status, body = (404, b"{}") if symbol == "IWM" else (200, chart([WINTER_OPEN] * in_window, [5.0], symbol))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_night_from_the_wire_to_raw_and_back_from_landing(server_url: str, tmp_path: Path) -> None:
    home, (dataset,) = Home(home=tmp_path), [each for each in catalogue.datasets() if each.source == "yahoo"]
    (collected,) = collect_night(home, Night(date(2026, 1, 16)), [dataset], ProviderUrls(yahoo_url=server_url))
    assert (collected.outcomes, collected.rows_added) == ({Outcome.OK: 3, Outcome.NOT_FOUND: 1}, 3)

    def bars() -> list[tuple[object, ...]]:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            return connection.execute("select * exclude (_known_at) from raw.yahoo_chart order by symbol").fetchall()

    before = bars()
    assert [row[:2] for row in before] == [(symbol, date(2026, 1, 16)) for symbol in ("SPY", "^GSPC", "^RUT")]
    home.warehouse.unlink()
    replay(home, [dataset])
    assert bars() == before
