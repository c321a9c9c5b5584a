"""Glassnode's exchange flows over `exchange_flows`: with a key alone, by days, restated and as known at the time.

What was known at the time lacks a part of the inflow: some deposit wallets were labelled later. Errors are a line of
text.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Endpoint, Routes, whole

# Of 64 tokens that arrive, so many go to wallets that were known on the day.
KNOWN_THEN, OF = 63, 64
_PATHS = {"net": "transfers_volume_exchanges_net", "to": "transfers_volume_to_exchanges_sum"}
_PATHS |= {"from": "transfers_volume_from_exchanges_sum"}
_VALUES = {"net": "{inflow} - outflow_native", "to": "{inflow}", "from": "outflow_native"}


def routes(market: Market) -> Routes:
    found: Routes = {}
    for kind, path in _PATHS.items():
        for variant, inflow in (("", "inflow_native"), ("_pit", f"inflow_native * {KNOWN_THEN} / {OF}")):
            found[f"/transactions/{path}{variant}"] = _metric(market, _VALUES[kind].format(inflow=inflow))
    return found


def _metric(market: Market, value: str) -> Endpoint:
    async def metric(request: Request) -> Response:
        asked = request.query_params
        if not (request.headers.get("x-api-key") or asked.get("api_key")):
            return PlainTextResponse("api key is missing or invalid", 401)
        if asked.get("i", "24h") != "24h" or asked.get("c", "native") != "native" or asked.get("f", "json") != "json":
            return PlainTextResponse("unknown parameter", 400)
        since, until = whole(asked.get("s"), 0), whole(asked.get("u"), int(market.midnight.timestamp()))
        if since is None or until is None:
            return PlainTextResponse("unknown parameter", 400)
        rows = market.rows(
            f"SELECT date, {value} FROM exchange_flows WHERE symbol = $symbol AND exchange = $exchange"  # noqa: S608
            " AND epoch(date) >= $since AND epoch(date) < $until ORDER BY date",
            symbol=asked.get("a", ""),
            exchange=asked.get("e", "aggregated"),
            since=float(since),
            until=float(until),
        )
        if not rows and not _has(market, asked.get("a", "")):
            return PlainTextResponse("metric not available for this asset", 404)
        return JSONResponse([{"t": int(datetime.combine(day, time(0), UTC).timestamp()), "v": v} for day, v in rows])

    return metric


def _has(market: Market, symbol: str) -> bool:
    return bool(market.rows("SELECT 1 FROM exchange_flows WHERE symbol = $symbol LIMIT 1", symbol=symbol))
