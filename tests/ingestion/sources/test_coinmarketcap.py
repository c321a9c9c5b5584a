"""CoinMarketCap: windows of totals that meet without a gap, listings with holes, and refusals under HTTP 200."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.routes.coinmarketcap import is_dropped
from ingestion.sandbox.server import serve, urls
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.coinmarketcap.dataset import FIRST_DAY
from ingestion.sources.coinmarketcap.parse import judge, parse_listing, parse_total

NIGHT = Night(date(2026, 1, 16))
AFTER = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
TOTAL, LISTINGS = (dataset for dataset in catalogue.every_dataset() if dataset.source == "coinmarketcap")
# The documented fields of one coin; price and cap of the day are those of a public probe in 2026.
BITCOIN = b"""{"id":1,"name":"Bitcoin","symbol":"BTC","slug":"bitcoin","cmcRank":1,"numMarketPairs":11000,
"circulatingSupply":19704984,"totalSupply":19704984,"maxSupply":21000000,"dateAdded":"2010-07-13T00:00:00.000Z",
"tags":["mineable"],"quotes":[{"name":"USD","price":67706.94,"volume24h":1.1e10,"marketCap":1.334e12}]}"""
DAY = date(2024, 6, 1)


def quote(stamp: str, total: float | None = 1e12) -> dict[str, object]:
    return {"timestamp": stamp, "btcDominance": 50.0, "quote": [{"totalMarketCap": total, "altcoinMarketCap": 5e11}]}


def body(*quotes: dict[str, object], code: str = "0", message: str = "SUCCESS") -> bytes:
    return json.dumps(
        {"data": {"quotes": list(quotes)}, "status": {"error_code": code, "error_message": message}}
    ).encode()


def test_the_last_day_of_a_window_is_inside_what_is_asked() -> None:
    """The day of a window's end is stamped 23:59:59.999: it was lost once, every 360 days."""
    asked = [(int(r.params["timeStart"]), int(r.params["timeEnd"])) for r in TOTAL.plan(NIGHT, Known(NIGHT, AFTER))]
    day = FIRST_DAY
    while day <= NIGHT.day:
        stamp = datetime(day.year, day.month, day.day, 23, 59, 59, 999000, tzinfo=UTC).timestamp()
        assert any(start <= stamp <= end for start, end in asked), day
        day += timedelta(days=1)


def test_every_day_that_is_served_arrives(tmp_path: Path) -> None:
    market = tmp_path / "market"
    market.mkdir()
    first = date(2018, 3, 1)
    days = [first + timedelta(days=n) for n in range((NIGHT.day - first).days + 1)]
    lines = [f"{day},1000000000000.0,55.5" for day in days]
    (market / "total_cap.csv").write_text("\n".join(["date,total_cap_usd,btc_dominance_pct", *lines]))
    home = Home(home=tmp_path / "home")
    with serve(market, NIGHT.day) as base:
        addresses = {name.removeprefix("ROTATION_").lower(): url for name, url in urls(base).items()}
        collect_night(home, NIGHT, [TOTAL], ProviderUrls.model_validate(addresses), lambda: AFTER)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        found = {day for (day,) in connection.sql("select date from raw.coinmarketcap_total").fetchall()}
    assert found == set(days)


def test_the_running_day_is_left_out_and_of_two_quotes_of_a_day_the_last_counts() -> None:
    rows = parse_total(
        body(
            quote("2026-01-15T23:59:59.999Z", 1.0),
            quote("2026-01-15T12:00:00.000Z", 2.0),
            quote("2026-01-17T09:00:00.000Z", 3.0),
        ),
        AFTER,
    )
    assert [(row.date, row.total_market_cap_usd) for row in rows] == [(date(2026, 1, 15), 2.0)]


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        ("0", "SUCCESS", Outcome.OK),
        ("1008", "You've exceeded your API Key's request limit", Outcome.RATE_LIMITED),
        ("500", "The system is busy, please try again later!", Outcome.BAD_PAYLOAD),
    ],
)
def test_a_refusal_under_http_200_is_what_it_is(code: str, message: str, outcome: Outcome) -> None:
    exchange = Exchange(Request("u", "/"), Outcome.OK, AFTER, 200, body=body(code=code, message=message))
    assert judge(exchange).outcome is outcome


def coin(rank: int, number: int | None = None) -> dict[str, object]:
    named = {
        "id": number or 1000 + rank,
        "cmcRank": rank,
        "name": f"Coin {rank}",
        "symbol": "C",
        "slug": f"coin-{rank}",
    }
    return named | {"circulatingSupply": 10.0, "quotes": [{"price": 1.0, "marketCap": 1e9 / rank}]}


def listing(*coins: dict[str, object]) -> bytes:
    return json.dumps({"data": list(coins), "status": {"error_code": "0", "error_message": "SUCCESS"}}).encode()


def test_the_documented_fields_of_a_listing_become_a_row() -> None:
    (row,) = parse_listing(listing(json.loads(BITCOIN)), DAY, AFTER)
    assert row.model_dump() == {
        "date": DAY,
        "cmc_id": 1,
        "cmc_rank": 1,
        "name": "Bitcoin",
        "symbol": "BTC",
        "slug": "bitcoin",
        "price_usd": 67706.94,
        "market_cap_usd": 1.334e12,
        "circulating_supply": 19704984.0,
    }


def test_ranks_missing_from_a_listing_stay_missing_and_none_moves_up() -> None:
    rows = parse_listing(listing(coin(9), coin(1), coin(2), coin(5)), DAY, AFTER)
    assert [row.cmc_rank for row in rows] == [1, 2, 5, 9]


@pytest.mark.parametrize(
    ("coins", "why"),
    [
        ([coin(1), coin(2, number=1001)], "cmc_id 1001 is given twice"),
        ([coin(1), coin(1, number=7)], "cmc_rank 1 is given twice"),
        ([coin(1) | {"quotes": []}], "IndexError"),
        ([coin(1) | {"cmcRank": None}], "cmc_rank"),
    ],
)
def test_a_listing_that_contradicts_itself_is_refused(coins: list[dict[str, object]], why: str) -> None:
    with pytest.raises(BadPayloadError, match=why):
        parse_listing(listing(*coins), DAY, AFTER)


def test_a_day_that_was_not_over_has_no_listing() -> None:
    with pytest.raises(BadPayloadError, match="2026-01-17 was not over"):
        parse_listing(listing(coin(1)), AFTER.date(), AFTER)


def test_a_listing_of_each_day_is_asked_once_and_arrives_with_its_holes(tmp_path: Path) -> None:
    market = tmp_path / "market"
    market.mkdir()
    days = [NIGHT.day - timedelta(days=back) for back in range(40)]
    lines = [f"{day},c{n},C{n},Coin {n},{n},1.0,{1e9 / n},5.0" for day in days for n in range(1, 41)]
    header = "date,coin_id,symbol,name,rank,price_usd,market_cap_usd,circulating_supply"
    (market / "coin_caps.csv").write_text("\n".join([header, *lines]))
    home = Home(home=tmp_path / "home")
    window = LISTINGS.over(40)  # type: ignore[misc]
    with serve(market, NIGHT.day) as base:
        addresses = {name.removeprefix("ROTATION_").lower(): url for name, url in urls(base).items()}
        found = collect_night(home, NIGHT, [window], ProviderUrls.model_validate(addresses), lambda: AFTER)
        again = collect_night(home, NIGHT, [window], ProviderUrls.model_validate(addresses), lambda: AFTER)
    assert [(each.requests, each.skipped) for each in (*found, *again)] == [(40, 0), (0, 0)]
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        kept = connection.sql("select date, cmc_rank from raw.coinmarketcap_listings").fetchall()
    assert set(kept) == {(day, rank) for day in days for rank in range(1, 41) if not is_dropped(day, rank)}
    assert 0 < 40 * 40 - len(kept) < 100


def test_a_listing_without_coins_is_asked_again_by_the_nights_of_its_week() -> None:
    days = [NIGHT.day - timedelta(days=back) for back in range(9)]
    last = {str(day): Outcome.EMPTY for day in days} | {str(days[1]): Outcome.OK, str(days[2]): Outcome.NOT_FOUND}
    completed = {unit: [NIGHT.day] for unit, outcome in last.items() if outcome is not Outcome.NOT_FOUND}
    known = Known(NIGHT, AFTER, completed=completed, last_outcome=last)
    week = [str(day) for day in (days[0], *days[2:7])]
    assert [request.unit for request in LISTINGS.plan(NIGHT, known)] == week
    older = LISTINGS.over(10)  # type: ignore[misc]
    assert [request.unit for request in older.plan(NIGHT, known)] == [*week, str(NIGHT.day - timedelta(days=9))]


def test_listings_are_off_until_somebody_decides() -> None:
    assert "coinmarketcap" not in {dataset.source for dataset in catalogue.datasets()}
    keys = {dataset.key for dataset in catalogue.datasets({"coinmarketcap"})}
    assert {("coinmarketcap", "total"), ("coinmarketcap", "listings")} <= keys
