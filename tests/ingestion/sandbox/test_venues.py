"""The derivatives venues of the sandbox answer as the providers do, and a night asks them for gaps alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from sandbox_client import LAST_DAY, Client

from ingestion import catalogue, reference
from ingestion.backfill import collect_window
from ingestion.collect import Dataset
from ingestion.entry import Entry
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.server import serve
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_futures import dataset as binance_futures
from ingestion.sources.binance_vision import dataset as binance_vision
from ingestion.sources.bybit import dataset as bybit
from ingestion.sources.okx import dataset as okx

NIGHT = Night(LAST_DAY)
REFUSED = "http://127.0.0.1:9"
VENUES = ("binance_vision", "binance_futures", "bybit", "okx")
BUILDERS: dict[tuple[str, str], Callable[[Entry], Dataset]] = {
    ("binance_vision", "metrics"): binance_vision.metrics,
    ("binance_futures", "ratios"): binance_futures.ratios,
    ("binance_futures", "funding"): binance_futures.funding,
    ("bybit", "account_ratio"): bybit.account_ratio,
    ("bybit", "open_interest"): bybit.open_interest,
    ("okx", "ratios"): okx.ratios,
    ("okx", "open_interest"): okx.open_interest,
}


@pytest.fixture(scope="session")
def day_before(small_market: Path) -> Iterator[Client]:
    """The archive as it is when the newest day has not been published yet."""
    with serve(small_market, LAST_DAY - timedelta(days=1)) as base:
        yield Client(base)


def collect(home: Path, sandbox: Client, night: Night = NIGHT, **instead: str) -> dict[str, dict[Outcome, int]]:
    """The outcomes of a night of the derivatives venues; `instead` replaces addresses. Three days keep it short."""
    entries = [row for row in catalogue.entries() if (row.provider, row.dataset) in BUILDERS]
    wanted = [BUILDERS[row.provider, row.dataset](row.model_copy(update={"history": 3})) for row in entries]
    addresses = {f"{name}_url": f"{sandbox.base}/{name}" for name in VENUES} | instead
    urls = ProviderUrls.model_validate(addresses)
    found = collect_night(Home(home=home), night, wanted, urls, lambda: night.as_of, sleep=lambda _seconds: None)
    assert [each.error for each in found if each.error] == []
    return {f"{each.source}/{each.dataset}": dict(each.outcomes) for each in found}


def query(home: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_where_the_archive_is_complete_no_venue_is_asked_for_a_ratio(tmp_path: Path, sandbox: Client) -> None:
    found = collect(tmp_path, sandbox)
    assert found["binance_vision/metrics"][Outcome.OK] == 36
    asked = {name for name, outcomes in found.items() if outcomes}
    assert asked == {"binance_vision/metrics", "binance_futures/funding"}


def test_the_archive_lists_what_it_serves_with_its_md5(sandbox: Client) -> None:
    folder = "data/futures/um/daily/metrics/BTCUSDT"
    listing = sandbox.get("/binance_vision/", prefix=f"{folder}/BTCUSDT-metrics-2026-").text
    listed = re.findall(r'<Contents><Key>([^<]+)</Key><ETag>"([0-9a-f]{32})"</ETag>', listing)
    names = [f"{folder}/BTCUSDT-metrics-2026-01-{day}.zip" for day in range(11, 17)]
    assert [key for key, _ in listed] == [key for name in names for key in (name, f"{name}.CHECKSUM")]
    for key, etag in listed:
        assert hashlib.md5(sandbox.get(f"/binance_vision/{key}").content).hexdigest() == etag  # noqa: S324 - as S3 does
    assert "<Contents>" not in sandbox.get("/binance_vision/", prefix=f"{folder}/BTCUSDT-metrics-2024-").text
    assert "<Contents>" not in sandbox.get("/binance_vision/", prefix="data/spot/").text


def test_a_day_that_the_archive_lacks_comes_by_rest_once_and_with_the_archives_own_values(
    tmp_path: Path, sandbox: Client, day_before: Client
) -> None:
    archive = f"{day_before.base}/binance_vision"
    found = collect(tmp_path, sandbox, binance_vision_url=archive)
    assert found["binance_futures/ratios"] == {Outcome.OK: 12}
    assert (found["bybit/account_ratio"], found["okx/ratios"]) == ({}, {})
    assert query(tmp_path, "select ratio_kind, count(*) from raw.binance_futures_ratios group by 1 order by 1") == [
        (kind, 12 * 288) for kind in ("global_account", "taker_volume", "top_account", "top_position")
    ]
    collect(tmp_path, sandbox, Night(LAST_DAY + timedelta(days=1)), binance_vision_url=archive)
    asked = "select distinct night - 1 = date '2026-01-16', split_part(unit, '/', 2) from meta.request_outcomes "
    asked += "where source = 'binance_futures' and dataset = 'ratios' order by 2"
    assert query(tmp_path, asked) == [(False, "2026-01-16"), (True, "2026-01-17")]
    # The archive comes a day later: its rows are those that REST gave.
    collect(tmp_path, sandbox, Night(LAST_DAY + timedelta(days=2)))
    differing = """
        select count(*), max(abs(archive.count_long_short_ratio - rest.ratio)) from raw.binance_futures_ratios as rest
        join raw.binance_vision_metrics as archive
        on archive.symbol = rest.symbol and archive.create_time = rest.timestamp at time zone 'UTC'
            and archive.label_convention = rest.label_convention
        where rest.ratio_kind = 'global_account' and archive.file_date = date '2026-01-16'"""
    assert query(tmp_path, differing) == [(12 * 288, pytest.approx(0, abs=1e-4))]


def test_where_binance_is_out_of_reach_the_other_venues_give_hours(
    tmp_path: Path, sandbox: Client, day_before: Client
) -> None:
    found = collect(
        tmp_path,
        sandbox,
        binance_vision_url=f"{day_before.base}/binance_vision",
        binance_futures_url=REFUSED,
    )
    assert set(found["binance_futures/ratios"]) == {Outcome.UNREACHABLE}
    assert (found["bybit/account_ratio"], found["bybit/open_interest"]) == ({Outcome.OK: 12}, {Outcome.OK: 12})
    assert found["okx/ratios"] == {Outcome.OK: 10}  # two of the twelve have no swap there
    assert found["okx/open_interest"] == {}
    hours = "select min(n), max(n) from (select count(*) as n from raw.{} group by contract, period, {})"
    assert query(tmp_path, hours.format("bybit_account_ratio", "cast(timestamp as date)")) == [(24, 24)]
    assert query(tmp_path, hours.format("okx_ratios", "ratio_kind, cast(timestamp as date)")) == [(24, 24)]
    both = "select max(abs(open_interest - 2 * single_open_interest)) from raw.bybit_open_interest"
    assert query(tmp_path, both) == [(0.0,)]


def test_a_window_of_the_past_asks_others_for_what_the_first_lacks_or_refuses(
    tmp_path: Path, sandbox: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API keeps thirty days back from now: of the first day only the other venues still have something."""
    chosen = reference.perpetuals()[:2]
    monkeypatch.setattr(reference, "perpetuals", lambda: chosen)
    asked = {
        ("binance_vision", "metrics"),
        ("binance_futures", "ratios"),
        ("bybit", "account_ratio"),
        ("okx", "ratios"),
    }
    datasets = [each for each in catalogue.datasets() if each.key in asked]
    addresses = {f"{name}_url": f"{sandbox.base}/{name}" for name in VENUES} | {"binance_vision_url": REFUSED}
    urls = ProviderUrls.model_validate(addresses)
    home, first, last = Home(home=tmp_path), Night(date(2026, 1, 12)), Night(date(2026, 1, 13))

    def today() -> datetime:
        return datetime(2026, 2, 11, 12, tzinfo=UTC)

    for _ in range(2):
        found = collect_window(home, first, last, datasets, urls, today, sleep=lambda _seconds: None)
        assert [each.error for each in found if each.error] == []
    said = query(
        tmp_path,
        "select source, unit, outcome, count(*) from meta.request_outcomes "
        "where source <> 'binance_vision' group by all",
    )
    names = [each.perpetual for each in chosen]
    assert {(unit, outcome) for source, unit, outcome, _ in said if source == "binance_futures"} == {
        (f"{name}/2026-01-13", "ok") for name in names
    }
    assert {(unit, outcome) for source, unit, outcome, _ in said if source == "bybit"} == {
        (f"{name}/2026-01-12", "ok") for name in names
    }
    assert {count for *_, count in said} == {1, 4}  # once each, four ratios to a unit of two of them


Ask = Callable[[Client], tuple[int, object]]


def said(path: str, **params: object) -> Ask:
    def ask(client: Client) -> tuple[int, object]:
        answer = client.get(path, **params)
        body = answer.json()
        if isinstance(body, dict):
            body = body.get("code", body.get("retCode"))
        return answer.status_code, body

    return ask


FUTURES, BYBIT, OKX = "/binance_futures", "/bybit/v5/market", "/okx/api/v5"
RATIO = f"{FUTURES}/futures/data/topLongShortAccountRatio"
OKX_RATIO = f"{OKX}/rubik/stat/contracts/long-short-account-ratio-contract"


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (said(RATIO, symbol="BTCUSDT"), (400, -1102)),
        (said(RATIO, symbol="NOSUCHUSDT", period="5m"), (400, -1121)),
        (said(RATIO, symbol="BTCUSDT", period="5m", startTime="1764547200000"), (400, -1130)),
        (said(RATIO, symbol="BTCUSDT", period="7m"), (400, -1130)),
        (said(RATIO, symbol="BTCUSDT", period="5m", limit="501"), (400, -1130)),
        (said(f"{FUTURES}/fapi/v1/fundingRate", symbol="BTCUSDT"), (200, [])),
        (said(f"{BYBIT}/account-ratio", category="linear", symbol="NOSUCHUSDT", period="1h"), (200, 10001)),
        (said(f"{BYBIT}/account-ratio", category="linear", symbol="BTCUSDT", period="1H"), (200, 10001)),
        (said(f"{BYBIT}/funding/history", symbol="BTCUSDT", startTime="1768521600000"), (200, 10001)),
        (said(OKX_RATIO, period="1H"), (200, "50014")),
        (said(OKX_RATIO, instId="NO-USDT-SWAP", period="1H"), (200, "51001")),
        (said(OKX_RATIO, instId="BTC-USDT-SWAP", period="1h"), (200, "51000")),
        (said(f"{OKX}/public/funding-rate-history", instId="BTC-USDT-SWAP"), (200, "0")),
    ],
)
def test_errors_come_in_each_providers_own_way(sandbox: Client, ask: Ask, answer: tuple[int, object]) -> None:
    assert ask(sandbox) == answer


def test_a_page_holds_the_newest_rows_and_the_rest_is_asked_with_an_earlier_end(sandbox: Client) -> None:
    page = sandbox.get(RATIO, symbol="BTCUSDT", period="5m", limit=100).json()
    stamps = [row["timestamp"] for row in page]
    assert (len(stamps), stamps) == (100, sorted(stamps))
    before = sandbox.get(RATIO, symbol="BTCUSDT", period="5m", limit=100, endTime=stamps[0] - 1).json()
    assert before[-1]["timestamp"] == stamps[0] - 300_000
    first = sandbox.get(f"{BYBIT}/account-ratio", category="linear", symbol="BTCUSDT", period="1h", limit=10).json()
    cursor = first["result"]["nextPageCursor"]
    assert "%3D" in cursor
    params = {"category": "linear", "symbol": "BTCUSDT", "period": "1h", "limit": 10, "cursor": cursor}
    second = sandbox.get(f"{BYBIT}/account-ratio", **params).json()
    hours = [int(row["timestamp"]) for row in first["result"]["list"] + second["result"]["list"]]
    assert [newer - older for newer, older in pairwise(hours)] == [3_600_000] * 19


def test_nothing_after_the_last_day_is_served(sandbox: Client) -> None:
    newest = sandbox.get(RATIO, symbol="BTCUSDT", period="5m").json()[-1]["timestamp"]
    assert newest == int(NIGHT.as_of.timestamp() * 1000) - 37_800_000
    assert date.fromtimestamp(newest / 1000 - 1) <= LAST_DAY
