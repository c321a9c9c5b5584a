"""CoinMarketCap's total history: windows that meet without a gap, and refusals under HTTP 200."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.server import serve, urls
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.coinmarketcap.dataset import FIRST_DAY
from ingestion.sources.coinmarketcap.parse import judge, parse_total

NIGHT = Night(date(2026, 1, 16))
AFTER = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
(TOTAL,) = (dataset for dataset in catalogue.every_dataset() if dataset.source == "coinmarketcap")


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
