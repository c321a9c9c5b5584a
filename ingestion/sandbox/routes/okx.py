"""OKX over `derivatives_ratios`: ratios, taker volume and open interest of its own names for the market's perpetuals.

Days of this venue open at 00:00 of UTC+8, unless the period says `utc`. A market has ratios and no volumes: takers' are
given as parts of one. It has no funding: that of a listed swap is an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox import reference
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.samples import Sample, parts, perpetuals, samples
from ingestion.sandbox.routes.wire import Routes, whole

_STATISTICS = "/api/v5/rubik/stat"
_KINDS = {
    f"{_STATISTICS}/contracts/long-short-account-ratio-contract": "global_account",
    f"{_STATISTICS}/contracts/long-short-account-ratio-contract-top-trader": "top_account",
    f"{_STATISTICS}/contracts/long-short-position-ratio-contract-top-trader": "top_position",
    f"{_STATISTICS}/taker-volume-contract": "taker_volume",
    f"{_STATISTICS}/contracts/open-interest-history": None,
}
_MINUTES = {"5m": 5, "15m": 15, "30m": 30, "1H": 60, "2H": 120, "4H": 240}
_LARGEST_LIMIT = 100


def routes(market: Market) -> Routes:
    @cache
    def listed() -> Mapping[str, str]:
        """Swap → the market's perpetual."""
        held = perpetuals(market)
        return {each.contract: each.perpetual for each in reference.venue_contracts("okx") if each.perpetual in held}

    async def statistics(request: Request) -> Response:
        asked = request.query_params
        if asked.get("instId") is None:
            return _said("50014", "Parameter instId can not be empty.")
        if asked["instId"] not in listed():
            return _said("51001", "Instrument ID does not exist.")
        minutes, span = _MINUTES.get(asked.get("period", "5m")), _span(market, asked)
        limit = whole(asked.get("limit"), _LARGEST_LIMIT)
        if minutes is None or span is None or not limit:
            return _said("51000", f"Parameter {'period' if minutes is None else 'begin'} error")
        kind = _KINDS[request.url.path.removeprefix("/okx")]
        limit = min(limit, _LARGEST_LIMIT)
        found = samples(market, listed()[asked["instId"]], kind, span, minutes=minutes, limit=limit)
        return _said("0", "", [_row(kind, each) for each in found])

    async def funding(request: Request) -> Response:
        known = request.query_params.get("instId") in listed()
        return _said("0", "", []) if known else _said("51001", "Instrument ID does not exist.")

    return {**dict.fromkeys(_KINDS, statistics), "/api/v5/public/funding-rate-history": funding}


def _span(market: Market, asked: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    """The window that is asked; both bounds are excluded."""
    begin, end = whole(asked.get("begin"), 0), whole(asked.get("end"), int(market.midnight.timestamp() * 1000) + 1)
    if begin is None or end is None:
        return None
    try:
        start = datetime.fromtimestamp((begin + 1) / 1000, UTC) if begin else market.midnight - timedelta(days=30)
        return start, datetime.fromtimestamp((end - 1) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _row(kind: str | None, sample: Sample) -> list[str]:
    stamp = str(sample.stamp)
    if kind is None:
        held = f"{sample.held or 0:.8f}"
        return [stamp, held, held, f"{sample.held_usd or 0:.8f}"]
    if kind == "taker_volume":
        bought, sold = parts(sample.ratio)
        return [stamp, f"{sold:.8f}", f"{bought:.8f}"]
    return [stamp, f"{sample.ratio:.4f}"]


def _said(code: str, message: str, data: Sequence[Any] = ()) -> Response:
    return JSONResponse({"code": code, "msg": message, "data": list(data)})
