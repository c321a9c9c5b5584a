"""Yahoo's chart endpoint over `equity_bars`: `/v8/finance/chart/{symbol}`.

Bars are stamped with the session's open, 09:30 New York. Half days keep 16:00 as the end of `currentTradingPeriod`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, is_library, whole

_NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE = time(9, 30), time(16)
_RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]


def routes(market: Market) -> Routes:
    async def chart(request: Request) -> Response:
        if is_library(request):
            return PlainTextResponse("Too Many Requests", 429)
        symbol = request.path_params["symbol"]
        interval = request.query_params.get("interval", "1d")
        first = whole(request.query_params.get("period1"), -(2**40))
        last = whole(request.query_params.get("period2"), 2**40)
        if interval != "1d":
            return _refusal(422, "Unprocessable Entity", f"Invalid input - interval={interval} is not supported")
        if first is None or last is None or first >= last:
            return _refusal(400, "Bad Request", "Invalid input - start date cannot be after end date")
        rows = market.rows("SELECT * FROM equity_bars WHERE symbol = $symbol ORDER BY session_date", symbol=symbol)
        if not rows:
            return _refusal(404, "Not Found", "No data found, symbol may be delisted")
        return JSONResponse({"chart": {"result": [_result(symbol, rows, first, last)], "error": None}})

    return {"/v8/finance/chart/{symbol}": chart}


def _result(symbol: str, rows: list[tuple[Any, ...]], first: int, last: int) -> dict[str, Any]:
    bars = [(stamp, row) for row in rows if first <= (stamp := _stamp(row[1], _OPEN)) < last]
    result: dict[str, Any] = {"meta": _meta(symbol, rows, bars)}
    if not bars:
        return result | {"indicators": {"quote": [{}], "adjclose": [{}]}}
    columns = {name: [row[at] for _, row in bars] for at, name in enumerate(("open", "high", "low", "close"), 2)}
    volume = [None if row[6] is None else int(row[6]) for _, row in bars]
    return result | {
        "timestamp": [stamp for stamp, _ in bars],
        "indicators": {"quote": [{**columns, "volume": volume}], "adjclose": [{"adjclose": columns["close"]}]},
    }


def _meta(symbol: str, rows: list[tuple[Any, ...]], bars: list[tuple[int, tuple[Any, ...]]]) -> dict[str, Any]:
    newest = rows[-1]
    index = symbol.startswith("^")
    local = datetime.combine(newest[1], _OPEN, tzinfo=_NEW_YORK)
    period = {
        "timezone": local.tzname(),
        "start": _stamp(newest[1], _OPEN),
        "end": _stamp(newest[1], _CLOSE),
        "gmtoffset": _offset(local),
    }
    before = rows[rows.index(bars[0][1]) - 1] if bars and rows[0] is not bars[0][1] else rows[0]
    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "SNP" if index else "PCX",
        "instrumentType": "INDEX" if index else "ETF",
        "firstTradeDate": _stamp(rows[0][1], _OPEN),
        "regularMarketTime": _stamp(newest[1], _CLOSE),
        "gmtoffset": _offset(local),
        "timezone": local.tzname(),
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": newest[5],
        "chartPreviousClose": before[5],
        "priceHint": 2,
        "currentTradingPeriod": {"regular": period},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": _RANGES,
    }


def _stamp(day: date, at: time) -> int:
    return int(datetime.combine(day, at, tzinfo=_NEW_YORK).astimezone(UTC).timestamp())


def _offset(local: datetime) -> int:
    return int((local.utcoffset() or timedelta(0)).total_seconds())


def _refusal(status: int, code: str, description: str) -> Response:
    error = {"code": code, "description": description}
    return JSONResponse({"chart": {"result": None, "error": error}}, status)
