"""Binance USD-M futures REST over `derivatives_ratios`: the last 30 days before the moment after the last day.

A market's `ts` is the end of its five minutes, as the API labels them until 2026-06-25. A market has ratios and no
counts: shares and takers' volumes are given as parts of one. It has no funding: a listed symbol's is an empty list.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.samples import Sample, parts, perpetuals, samples
from ingestion.sandbox.routes.wire import Routes, whole

_KINDS = {
    "globalLongShortAccountRatio": "global_account",
    "topLongShortAccountRatio": "top_account",
    "topLongShortPositionRatio": "top_position",
    "takerlongshortRatio": "taker_volume",
    "openInterestHist": None,
}
_MINUTES = {"5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "6h": 360, "12h": 720, "1d": 1440}
_DEFAULT_LIMIT, _LARGEST_LIMIT = 30, 500
_KEPT = timedelta(days=31)


def routes(market: Market) -> Routes:
    listed = cache(lambda: perpetuals(market))

    async def statistics(request: Request) -> Response:
        asked, name = request.query_params, request.path_params["name"]
        if name not in _KINDS:
            return Response("<html>Not Found</html>", 404, media_type="text/html")
        if missing := next((each for each in ("symbol", "period") if not asked.get(each)), None):
            return _error(-1102, f"Mandatory parameter '{missing}' was not sent, was empty/null, or malformed.")
        span = _span(market, asked.get("startTime"), asked.get("endTime"))
        limit = whole(asked.get("limit"), _DEFAULT_LIMIT)
        fine = {
            "period": asked["period"] in _MINUTES,
            "startTime": span is not None and span[0] >= market.midnight - _KEPT,
            "limit": limit is not None and 0 < limit <= _LARGEST_LIMIT,
        }
        if span is None or not all(fine.values()):
            return _error(-1130, f"parameter '{next(name for name, ok in fine.items() if not ok)}' is invalid.")
        if asked["symbol"] not in listed():
            return _error(-1121, "Invalid symbol.")
        rows = samples(market, asked["symbol"], _KINDS[name], span, minutes=_MINUTES[asked["period"]], limit=limit)
        return JSONResponse([_row(name, asked["symbol"], row) for row in reversed(rows)])

    async def funding(request: Request) -> Response:
        symbol = request.query_params.get("symbol")
        return JSONResponse([]) if symbol is None or symbol in listed() else _error(-1121, "Invalid symbol.")

    return {"/futures/data/{name}": statistics, "/fapi/v1/fundingRate": funding}


def _span(market: Market, first: str | None, last: str | None) -> tuple[datetime, datetime] | None:
    """The window that is asked; without one the newest 30 days."""
    begin, end = whole(first, 0), whole(last, int(market.midnight.timestamp() * 1000))
    if begin is None or end is None:
        return None
    try:
        until = datetime.fromtimestamp(end / 1000, UTC)
        return (datetime.fromtimestamp(begin / 1000, UTC) if begin else market.midnight - _KEPT), until
    except (OverflowError, ValueError, OSError):
        return None


def _row(name: str, symbol: str, sample: Sample) -> dict[str, Any]:
    stamp, ratio, held, held_usd = sample
    if name == "openInterestHist":
        sums = {"sumOpenInterest": f"{held or 0:.8f}", "sumOpenInterestValue": f"{held_usd or 0:.8f}"}
        return {"symbol": symbol, **sums, "timestamp": stamp}
    long, short = parts(ratio)
    if name == "takerlongshortRatio":
        volumes = {"sellVol": f"{short:.8f}", "buyVol": f"{long:.8f}"}
        return {"buySellRatio": f"{ratio:.4f}", **volumes, "timestamp": stamp}
    shares = {"longAccount": f"{long:.4f}", "shortAccount": f"{short:.4f}"}
    return {"symbol": symbol, **shares, "longShortRatio": f"{ratio:.4f}", "timestamp": stamp}


def _error(code: int, message: str) -> Response:
    return JSONResponse({"code": code, "msg": message}, 400)
