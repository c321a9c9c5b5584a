"""CoinGecko's snapshots: recorded and documented answers, three shapes of a refusal, and each trap by name."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import outcome_of_status
from ingestion.night import Night
from ingestion.sources.coingecko.dataset import markets, total
from ingestion.sources.coingecko.parse import judge, parse_global, parse_markets

PAYLOADS = Path(__file__).parents[4] / "shared" / "real" / "payloads" / "coingecko"
NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
DAY = date(2026, 1, 16)
COIN = {
    "id": "bitcoin",
    "symbol": "btc",
    "name": "Bitcoin",
    "current_price": 27328,
    "market_cap": 528775574755,
    "market_cap_rank": 1,
    "circulating_supply": 19000000.5,
    "total_volume": 19816792529,
    "last_updated": "2026-01-16T23:59:00.000Z",
}
TOTALS = {
    "data": {
        "active_cryptocurrencies": 17000,
        "markets": 1000,
        "total_market_cap": {"usd": 3.2e12},
        "market_cap_percentage": {"btc": 58.1},
        "updated_at": 1768608000,
    }
}
WALL = {
    "error": {
        "status": {
            "timestamp": "2026-10-07T13:32:10.955+00:00",
            "error_code": 10012,
            "error_message": "Your request exceeds the allowed time range. Public API users are limited to querying "
            "historical data within the past 365 days.",
        }
    }
}


def coins(*given: dict[str, Any]) -> list[Any]:
    return parse_markets(json.dumps(list(given)).encode(), DAY)


def judged(body: Any, status: int = 200) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(Exchange(Request("x", "/x"), outcome_of_status(status), NOW, status, body=raw))


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not beside this checkout")
def test_the_recorded_page_of_250_coins() -> None:
    rows = parse_markets((PAYLOADS / "coins_markets_250_2023-07-28.json").read_bytes(), date(2023, 7, 28))
    assert (len(rows), rows[0].coin_id, rows[0].market_cap_rank) == (250, "bitcoin", 1)
    assert len({row.coin_id for row in rows}) == 250


def test_a_cap_in_decimals_and_a_coin_without_rank_are_read() -> None:
    (row,) = coins(COIN | {"market_cap": 1.5, "market_cap_rank": None})
    assert (row.market_cap, row.market_cap_rank) == (1.5, None)


def test_the_totals_are_stamped_in_seconds_unlike_everything_else() -> None:
    row = parse_global(json.dumps(TOTALS).encode(), DAY, NOW)
    assert (row.updated_at, row.total_market_cap_usd, row.btc_dominance_pct) == (
        *(datetime(2026, 1, 17, tzinfo=UTC), 3.2e12, 58.1),
    )


def test_the_365_day_wall_is_a_refusal_for_good_that_says_why() -> None:
    for status, outcome in ((401, Outcome.BLOCKED), (200, Outcome.BAD_REQUEST)):
        found = judged(WALL, status)
        assert found.outcome is outcome
        assert "10012: Your request exceeds the allowed time range" in str(found.error)


@pytest.mark.parametrize(
    ("body", "status", "outcome", "said"),
    [
        ({"status": {"error_code": 429, "error_message": "slow"}}, 429, Outcome.RATE_LIMITED, "429: slow"),
        ({"status": {"error_code": 429, "error_message": "slow"}}, 200, Outcome.RATE_LIMITED, "429: slow"),
        ({"error": "coin not found"}, 404, Outcome.NOT_FOUND, "None: coin not found"),
        ({"error": {"status": {"error_code": 10002, "error_message": "key"}}}, 401, Outcome.BLOCKED, "10002: key"),
        (b"<html>1020</html>", 403, Outcome.BLOCKED, None),
    ],
    ids=["status", "status under HTTP 200", "text", "error.status", "a page of the CDN"],
)
def test_the_three_shapes_of_a_refusal_are_one(body: Any, status: int, outcome: Outcome, said: str | None) -> None:
    found = judged(body, status)
    assert (found.outcome, found.error) == (outcome, said)


def test_past_the_last_page_is_an_empty_list() -> None:
    assert coins() == []


def test_a_snapshot_belongs_to_the_newest_night_and_is_never_asked_for_an_older_one() -> None:
    for build, dataset in ((markets, "markets"), (total, "global")):
        plan = build(catalogue.entry("coingecko", dataset)).plan
        assert plan(Night(DAY), Known(Night(DAY), NOW))
        assert plan(Night(date(2026, 1, 15)), Known(Night(date(2026, 1, 15)), NOW)) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"status":{}}', "else than a list"),
        (json.dumps([{"id": "x"}]).encode(), "KeyError"),
        (json.dumps([COIN | {"market_cap": "many"}]).encode(), "valid number"),
        (json.dumps([COIN | {"market_cap_rank": 0}]).encode(), "greater than or equal to 1"),
        (b"<html>", "not a page of coins"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_markets(body, DAY)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json([COIN, COIN | {"id": "ethereum"}]), spoiled_json(TOTALS))
def test_a_thousand_bodies_give_rows_or_our_error(page: bytes, totals: bytes) -> None:
    for body in (page, totals):
        judged(body)
        with contextlib.suppress(BadPayloadError):
            parse_markets(body, DAY)
        with contextlib.suppress(BadPayloadError):
            parse_global(body, DAY, NOW)
