"""Bybit v5 over `derivatives_ratios`: account ratio and open interest of its own names for the market's perpetuals.

Everything but a wrong path comes under HTTP 200. A market has no funding: that of a listed contract is an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox import reference
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.samples import Sample, parts, perpetuals, samples
from ingestion.sandbox.routes.wire import Routes, whole

_MINUTES = {"5min": 5, "15min": 15, "30min": 30, "1h": 60, "4h": 240, "1d": 1440}
_DEFAULT_LIMIT = 50
_LARGEST_LIMIT = {"account-ratio": 500, "open-interest": 200}
_PARAMETER_ERROR = 10001


def routes(market: Market) -> Routes:
    @cache
    def listed() -> Mapping[str, str]:
        """Contract → the market's perpetual."""
        held = perpetuals(market)
        return {each.contract: each.perpetual for each in reference.venue_contracts("bybit") if each.perpetual in held}

    async def hourly(request: Request) -> Response:
        asked, name = request.query_params, request.url.path.rsplit("/", 1)[1]
        minutes = _MINUTES.get(asked.get("period" if name == "account-ratio" else "intervalTime", ""))
        limit, span = whole(asked.get("limit"), _DEFAULT_LIMIT), _span(market, asked)
        if asked.get("category") not in ("linear", "inverse") or minutes is None or span is None or not limit:
            return _said(_PARAMETER_ERROR, "params error")
        if asked.get("symbol") not in listed():
            return _said(_PARAMETER_ERROR, "params error: symbol invalid")
        limit = min(limit, _LARGEST_LIMIT[name])
        kind = "global_account" if name == "account-ratio" else None
        found = samples(market, listed()[asked["symbol"]], kind, span, minutes=minutes, limit=limit)
        rows = [_share(asked["symbol"], each) if kind else _held(each) for each in found]
        result = {"list": rows, "nextPageCursor": quote(f"lasttime={found[-1].stamp}") if len(found) == limit else ""}
        if kind is None:
            result |= {"symbol": asked["symbol"], "category": "linear"}
        return _said(0, "OK", result)

    async def funding(request: Request) -> Response:
        asked = request.query_params
        if asked.get("symbol") not in listed() or ("startTime" in asked and "endTime" not in asked):
            return _said(_PARAMETER_ERROR, "params error: symbol invalid" if "endTime" in asked else "params error")
        return _said(0, "OK", {"category": "linear", "list": []})

    return {
        "/v5/market/account-ratio": hourly,
        "/v5/market/open-interest": hourly,
        "/v5/market/funding/history": funding,
    }


def _span(market: Market, asked: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    """The window that is asked; a cursor ends it before the oldest row that was given."""
    first, last = whole(asked.get("startTime"), 0), whole(asked.get("endTime"), int(market.midnight.timestamp() * 1000))
    if cursor := asked.get("cursor"):
        until = whole(unquote(cursor).removeprefix("lasttime="), 0)
        last = None if not until else until - 1
    if first is None or last is None:
        return None
    try:
        start = datetime.fromtimestamp(first / 1000, UTC) if first else market.midnight - timedelta(days=30)
        return start, datetime.fromtimestamp(last / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _share(contract: str, sample: Sample) -> dict[str, str]:
    long, short = parts(sample.ratio)
    return {
        "symbol": contract,
        "buyRatio": f"{long:.4f}",
        "sellRatio": f"{short:.4f}",
        "timestamp": str(sample.stamp),
    }


def _held(sample: Sample) -> dict[str, str]:
    """Both sides, and one."""
    one = sample.held or 0.0
    return {"openInterest": f"{2 * one:.8f}", "singleOpenInterest": f"{one:.8f}", "timestamp": str(sample.stamp)}


def _said(code: int, message: str, result: Mapping[str, Sequence[Any] | str] | None = None) -> Response:
    return JSONResponse({"retCode": code, "retMsg": message, "result": result or {}, "retExtInfo": {}, "time": 0})
