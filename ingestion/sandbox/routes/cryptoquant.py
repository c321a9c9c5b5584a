"""CryptoQuant's flows of tokens over `exchange_flows`: with a bearer token alone, newest first, by days.

Any token is taken for one of a plan with daily values; hours and blocks are not in it. Errors come with their HTTP
status and repeat it in the envelope.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, whole

_COLUMNS = {
    "netflow": ("netflow_total", "inflow_native - outflow_native"),
    "inflow": ("inflow_total", "inflow_native"),
    "outflow": ("outflow_total", "outflow_native"),
    "reserve": ("reserve", "reserve_native"),
}
_WINDOWS = ("day", "hour", "block")
_DEFAULT_LIMIT, _LARGEST_LIMIT = 100, 100_000


def routes(market: Market) -> Routes:
    def exchanges(token: str) -> list[str]:
        rows = market.rows("SELECT DISTINCT exchange FROM exchange_flows WHERE symbol = $symbol", symbol=token.upper())
        return sorted(str(exchange) for (exchange,) in rows)

    async def entities(request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        found = exchanges(request.query_params.get("token", ""))
        if not found:
            return _error(400, "unknown token")
        return _answer({"data": [{"name": name.title(), "symbol": name} for name in found]})

    async def flows(request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        asked, metric = request.query_params, request.path_params["metric"]
        token, exchange, window = asked.get("token", ""), asked.get("exchange", ""), asked.get("window", "day")
        if metric not in _COLUMNS or exchange not in exchanges(token) or window not in _WINDOWS:
            return _error(400, "wrong parameter: metric, token, exchange or window")
        if window != "day":
            return _error(403, "this window is not in your plan")
        limit = whole(asked.get("limit"), _DEFAULT_LIMIT)
        first, last = _day(asked.get("from"), date.min), _day(asked.get("to"), market.last_day)
        if limit is None or not 1 <= limit <= _LARGEST_LIMIT or first is None or last is None:
            return _error(400, "wrong parameter: from, to or limit")
        name, value = _COLUMNS[metric]
        rows = market.rows(
            f"SELECT date, {value} FROM exchange_flows WHERE symbol = $symbol AND exchange = $exchange"  # noqa: S608
            " AND date BETWEEN $first AND $last ORDER BY date DESC LIMIT $limit",
            symbol=token.upper(),
            exchange=exchange,
            first=first,
            last=last,
            limit=limit,
        )
        return _answer({"window": window, "data": [{"date": str(day), name: found} for day, found in rows]})

    return {"/erc20/status/entity-list": entities, "/erc20/exchange-flows/{metric}": flows}


def _refusal(request: Request) -> Response | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return None if scheme == "Bearer" and token.strip() else _error(401, "missing or wrong token")


def _day(text: str | None, default: date) -> date | None:
    """`YYYYMMDD`; None for anything else."""
    try:
        return datetime.strptime(text, "%Y%m%d").date() if text else default
    except ValueError:
        return None


def _answer(result: dict[str, Any]) -> Response:
    return JSONResponse({"status": {"code": 200, "message": "success"}, "result": result})


def _error(status: int, message: str) -> Response:
    return JSONResponse({"status": {"code": status, "message": message}}, status)
