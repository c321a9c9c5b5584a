"""CoinMarketCap's website history of totals over `total_cap`: at most 400 days a call, counted from its start."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, whole

_LARGEST_WINDOW = timedelta(days=400)
_BEGINNING = datetime(2013, 4, 29, tzinfo=UTC)
_LAST_MOMENT = time(23, 59, 59, 999000, tzinfo=UTC)


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

    return {"/data-api/v3/global-metrics/quotes/historical": history}


def _quote(day: Any, total: float, dominance: float | None) -> dict[str, Any]:
    stamp = datetime.combine(day, _LAST_MOMENT).strftime("%Y-%m-%dT%H:%M:%S.999Z")
    altcoins = None if dominance is None else total * (1 - dominance / 100)
    values = {"name": "USD", "timestamp": stamp, "totalMarketCap": total, "altcoinMarketCap": altcoins}
    return {"timestamp": stamp, "btcDominance": dominance, "quote": [values]}


def _answer(data: dict[str, Any], code: str = "0", message: str = "SUCCESS", status: int = 200) -> Response:
    # The clock of the answer is fixed: the same question is answered with the same bytes.
    state = {
        "timestamp": "2026-01-01T00:00:00.000Z",
        "error_code": code,
        "error_message": message,
        "elapsed": "1",
        "credit_count": 0,
    }
    return JSONResponse({"data": data, "status": state}, status)
