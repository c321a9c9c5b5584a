"""CoinMarketCap's website data: the history of totals over `total_cap`, the listing of a past day over `coin_caps`.

Totals come for at most 400 days a call, counted from its start. A listing lacks some ranks, as the provider's do: rows
are dropped without being replaced, two or three of 500 on any day and a third of them on one day in 31.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, whole

_LARGEST_WINDOW = timedelta(days=400)
_BEGINNING = datetime(2013, 4, 29, tzinfo=UTC)
_LAST_MOMENT = time(23, 59, 59, 999000, tzinfo=UTC)
_DEFAULT_LIMIT, _LARGEST_LIMIT = 100, 5_000
_ONE_DROPPED_IN, _POOR_DAY_IN, _POOR_DAY = 167, 31, 20
_LISTING = """
SELECT id, rank, name, symbol, coin_id, price_usd, market_cap_usd, circulating_supply
FROM (
    SELECT *, row_number() OVER (ORDER BY market_cap_usd DESC, coin_id) AS rank
    FROM (SELECT * EXCLUDE (rank) FROM coin_caps WHERE date = $day AND market_cap_usd IS NOT NULL))
JOIN (SELECT coin_id, row_number() OVER (ORDER BY coin_id) AS id FROM (SELECT DISTINCT coin_id FROM coin_caps))
    USING (coin_id)
WHERE rank BETWEEN $first AND $last
ORDER BY rank
"""


def routes(market: Market) -> Routes:
    async def history(request: Request) -> Response:
        asked = request.query_params
        if "interval" not in asked:
            return _answer({}, "500", "The system is busy, please try again later!", 500)
        if asked["interval"] != "1d":
            return _answer({"quotes": []})
        first = whole(asked.get("timeStart"), int(_BEGINNING.timestamp()))
        last = whole(asked.get("timeEnd"), int(market.midnight.timestamp()))
        if first is None or last is None:
            return _answer({}, "400", '"timeStart" and "timeEnd" must be a timestamp', 400)
        rows = market.rows(
            "SELECT date, total_cap_usd, btc_dominance_pct FROM total_cap"
            " WHERE epoch(date) + 86399.999 BETWEEN $first AND $last ORDER BY date",
            first=float(first),
            last=float(min(last, first + int(_LARGEST_WINDOW.total_seconds()))),
        )
        return _answer({"quotes": [_quote(*row) for row in rows]})

    async def listing(request: Request) -> Response:
        asked = request.query_params
        try:
            day = date.fromisoformat(asked.get("date", ""))
        except ValueError:
            return _answer([], "400", '"date" must be a valid date', 400)
        first, limit = whole(asked.get("start"), 1), whole(asked.get("limit"), _DEFAULT_LIMIT)
        if first is None or limit is None or first < 1 or not 1 <= limit <= _LARGEST_LIMIT:
            return _answer([], "400", '"start" and "limit" must be positive numbers', 400)
        rows = market.rows(_LISTING, day=day, first=first, last=first + limit - 1)
        return _answer([_coin(row, day) for row in rows if not is_dropped(day, row[1])])

    return {
        "/data-api/v3/global-metrics/quotes/historical": history,
        "/data-api/v3/cryptocurrency/listings/historical": listing,
    }


def is_dropped(day: date, rank: int) -> bool:
    """Whether the listing of a day lacks this rank."""
    number = day.toordinal()
    is_poor = number % _POOR_DAY_IN == _POOR_DAY and rank % 3 == 0
    return is_poor or rank % _ONE_DROPPED_IN == number % _ONE_DROPPED_IN


def _coin(row: tuple[Any, ...], day: date) -> dict[str, Any]:
    number, rank, name, symbol, slug, price, cap, supply = row
    stamp = f"{day}T23:59:00.000Z"
    return {
        "id": number,
        "name": name,
        "symbol": symbol.upper(),
        "slug": slug,
        "cmcRank": rank,
        "numMarketPairs": None,
        "circulatingSupply": supply,
        "totalSupply": None,
        "maxSupply": None,
        "tags": [],
        "dateAdded": f"{_BEGINNING:%Y-%m-%dT%H:%M:%S.000Z}",
        "lastUpdated": stamp,
        "quotes": [{"name": "USD", "price": price, "marketCap": cap, "lastUpdated": stamp}],
    }


def _quote(day: Any, total: float, dominance: float | None) -> dict[str, Any]:
    stamp = datetime.combine(day, _LAST_MOMENT).strftime("%Y-%m-%dT%H:%M:%S.999Z")
    altcoins = None if dominance is None else total * (1 - dominance / 100)
    values = {"name": "USD", "timestamp": stamp, "totalMarketCap": total, "altcoinMarketCap": altcoins}
    return {"timestamp": stamp, "btcDominance": dominance, "quote": [values]}


def _answer(data: dict[str, Any] | list[Any], code: str = "0", message: str = "SUCCESS", status: int = 200) -> Response:
    # The clock of the answer is fixed: the same question is answered with the same bytes.
    state = {
        "timestamp": "2026-01-01T00:00:00.000Z",
        "error_code": code,
        "error_message": message,
        "elapsed": "1",
        "credit_count": 0,
    }
    return JSONResponse({"data": data, "status": state}, status)
