"""Cboe's files over `equity_bars`: bars as JSON, closes as CSV. Both are the whole series; others are 403."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, is_library

_BARS = {"SPY": "SPY", "IWM": "IWM", "_SPX": "^GSPC"}
_CLOSES = {"SPX": "^GSPC", "RUT": "^RUT"}
_DENIED = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>'


def routes(market: Market) -> Routes:
    async def bars(request: Request) -> Response:
        symbol = request.path_params["symbol"]
        rows = [] if is_library(request) else _rows(market, _BARS.get(symbol))
        if not rows:
            return PlainTextResponse(_DENIED, 403, media_type="application/xml")
        # Newest first: the order is not promised.
        data = [
            {"date": str(day), "volume": f"{volume or 0:.1f}"}
            | {name: f"{price or 0:.6f}" for name, price in zip(("open", "high", "low", "close"), prices, strict=True)}
            for day, *prices, volume in reversed(rows)
        ]
        return JSONResponse({"timestamp": f"{rows[-1][0]} 22:02:04", "symbol": symbol, "data": data})

    async def closes(request: Request) -> Response:
        symbol = request.path_params["symbol"]
        rows = [] if is_library(request) else _rows(market, _CLOSES.get(symbol))
        if not rows:
            return PlainTextResponse(_DENIED, 403, media_type="application/xml")
        lines = [f"DATE,{symbol}", *(f"{row[0]:%m/%d/%Y},{row[4]:.6f}" for row in rows if row[4] is not None)]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/csv")

    return {
        "/delayed_quotes/charts/historical/{symbol}.json": bars,
        "/us_indices/daily_prices/{symbol}_History.csv": closes,
    }


def _rows(market: Market, symbol: str | None) -> list[tuple[object, ...]]:
    sql = """
        SELECT session_date, open, high, low, close, volume FROM equity_bars
        WHERE symbol = $symbol ORDER BY session_date"""
    return market.rows(sql, symbol=symbol) if symbol else []
