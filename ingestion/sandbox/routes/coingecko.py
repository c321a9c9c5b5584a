"""CoinGecko: the snapshot of the last day over `coin_caps`, and the global totals over `total_cap`.

There is a snapshot only when the market has exactly that day: an older one would be passed off as today's.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, listed, whole

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 250
_UPDATED = time(23, 59, tzinfo=UTC)
_UNKNOWN = ("total_volume", "high_24h", "low_24h", "fully_diluted_valuation", "total_supply", "max_supply")

_MARKETS = """
SELECT coin_id, lower(symbol), name, price_usd, market_cap_usd, "rank", circulating_supply
FROM coin_caps
WHERE date = $day AND ($every OR list_contains($ids, coin_id))
ORDER BY market_cap_usd DESC, coin_id
LIMIT $size OFFSET $skip
"""


def routes(market: Market) -> Routes:
    updated = datetime.combine(market.last_day, _UPDATED)

    async def markets(request: Request) -> Response:
        asked = request.query_params
        if asked.get("vs_currency") != "usd":
            return JSONResponse({"error": "invalid vs_currency"}, 422)
        size, page = whole(asked.get("per_page"), _DEFAULT_PAGE), whole(asked.get("page"), 1)
        if size is None or page is None or page < 1 or size < 1:
            return JSONResponse({"error": "invalid page"}, 422)
        size = min(size, _LARGEST_PAGE)
        ids = listed(asked.get("ids"))
        rows = market.rows(
            _MARKETS, day=market.last_day, every=not ids, ids=ids or [""], size=size, skip=(page - 1) * size
        )
        return JSONResponse([_coin(row, updated) for row in rows])

    async def totals(_: Request) -> Response:
        rows = market.rows(
            "SELECT total_cap_usd, btc_dominance_pct, (SELECT count(*) FROM coin_caps WHERE date = $day)"
            " FROM total_cap WHERE date = $day",
            day=market.last_day,
        )
        if not rows:
            return JSONResponse({"error": "global data not found"}, 404)
        total, dominance, coins = rows[0]
        data = {
            "active_cryptocurrencies": coins,
            "markets": 0,
            "total_market_cap": {"usd": total},
            "total_volume": {},
            "market_cap_percentage": {} if dominance is None else {"btc": dominance},
            "updated_at": int(updated.timestamp()),
        }
        return JSONResponse({"data": data})

    return {"/coins/markets": markets, "/global": totals}


def _coin(row: tuple[Any, ...], updated: datetime) -> dict[str, Any]:
    names = ("id", "symbol", "name", "current_price", "market_cap", "market_cap_rank", "circulating_supply")
    return {
        **dict(zip(names, row, strict=True)),
        **dict.fromkeys(_UNKNOWN),
        "last_updated": updated.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
