"""FRED's CSV over `equity_bars`: ten years of the S&P 500's closes in two decimals, holidays without a value."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes

_SERIES = {"SP500": "^GSPC"}
_DEPTH = timedelta(days=3653)
_SATURDAY = 5


def routes(market: Market) -> Routes:
    async def series(request: Request) -> Response:
        name = request.query_params.get("id", "")
        if name not in _SERIES:
            return HTMLResponse("<html><title>Error - St. Louis Fed</title></html>", 404)
        try:
            first = date.fromisoformat(request.query_params.get("cosd", "1900-01-01"))
            last = date.fromisoformat(request.query_params.get("coed", "2100-01-01"))
        except ValueError:
            return HTMLResponse("<html><title>Error - St. Louis Fed</title></html>", 400)
        rows = market.rows(
            "SELECT session_date, close FROM equity_bars WHERE symbol = $symbol AND close IS NOT NULL"
            " AND session_date BETWEEN $first AND $last ORDER BY session_date",
            symbol=_SERIES[name],
            first=max(first, market.last_day - _DEPTH),
            last=last,
        )
        closes = dict(rows)
        held = (rows[-1][0] - rows[0][0]).days + 1 if rows else 0
        weekdays = [day for n in range(held) if (day := rows[0][0] + timedelta(days=n)).weekday() < _SATURDAY]
        lines = [f"{day},{closes[day]:.2f}" if day in closes else f"{day}," for day in weekdays]
        return PlainTextResponse("\n".join([f"observation_date,{name}", *lines]) + "\n", media_type="application/csv")

    return {"/graph/fredgraph.csv": series}
