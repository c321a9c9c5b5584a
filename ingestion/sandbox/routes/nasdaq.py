"""Nasdaq's historical quotes over `equity_bars`: funds only, newest first, ten years; refusals come under HTTP 200."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, whole

_FUNDS = ("IWM", "SPY")
_DEPTH = timedelta(days=3653)
_FEW = 10


def routes(market: Market) -> Routes:
    async def historical(request: Request) -> Response:
        symbol, asked = request.path_params["symbol"], request.query_params
        try:
            first, last = date.fromisoformat(asked["fromdate"]), date.fromisoformat(asked["todate"])
        except (KeyError, ValueError):
            return _refusal("Invalid date.")
        if symbol not in _FUNDS or asked.get("assetclass") != "etf":
            return _refusal("Symbol not exists.")
        rows = market.rows(
            "SELECT session_date, close, volume, open, high, low FROM equity_bars"
            " WHERE symbol = $symbol AND session_date BETWEEN $first AND $last ORDER BY session_date DESC",
            symbol=symbol,
            first=max(first, market.last_day - _DEPTH),
            last=last,
        )
        rows = rows[: whole(asked.get("limit"), _FEW)]
        data = {"symbol": symbol, "totalRecords": len(rows), "tradesTable": {"rows": [_row(row) for row in rows]}}
        return JSONResponse({"data": data, "message": None, "status": {"rCode": 200}})

    return {"/quote/{symbol}/historical": historical}


def _row(row: tuple[Any, ...]) -> dict[str, str]:
    day, close, volume, *others = row
    prices = {name: _dollars(price) for name, price in zip(("open", "high", "low"), others, strict=True)}
    return {
        "date": f"{day:%m/%d/%Y}",
        "close": _dollars(close),
        "volume": "--" if volume is None else f"{volume:,.0f}",
        **prices,
    }


def _dollars(price: float | None) -> str:
    return "--" if price is None else f"${price:,.4f}"


def _refusal(message: str) -> Response:
    error = {"code": 1001, "errorMessage": message}
    return JSONResponse({"data": None, "message": None, "status": {"rCode": 400, "bCodeMessage": [error]}})
