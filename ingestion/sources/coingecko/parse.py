"""Reading the snapshots: same bytes, same rows.

Belongs here: the wire format and its traps, and the three shapes in which the provider says what is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.coingecko.models import GlobalRow, MarketRow
from ingestion.sources.reading import json_of, reading

_RATE_LIMITED = 429
_CLOCKS_DIFFER = timedelta(hours=1)


def judge(exchange: Exchange) -> Exchange:
    """An answer with what the provider says is wrong, which it may say under HTTP 200."""
    try:
        found = _error(json_of(exchange.body)) if exchange.body else None
    except (ValueError, RecursionError):
        return exchange
    if found is None:
        return exchange
    code, message = found
    outcome = exchange.outcome
    if outcome is Outcome.OK:
        outcome = Outcome.RATE_LIMITED if code == _RATE_LIMITED else Outcome.BAD_REQUEST
    return replace(exchange, outcome=outcome, error=f"{code}: {message}"[:300])


def _error(body: Any) -> tuple[Any, str] | None:
    """Code and text of an error in any of its shapes: `error.status`, `status`, or `error` as text."""
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, str):
        return None, error
    status = error.get("status") if isinstance(error, dict) else body.get("status")
    if isinstance(status, dict) and "error_code" in status:
        return status["error_code"], str(status.get("error_message", ""))
    return None


def parse_markets(body: bytes, night: date) -> list[MarketRow]:
    """The coins of one page; an empty list past the last one."""
    with reading("a page of coins"):
        coins = json_of(body)
        if not isinstance(coins, list):
            raise BadPayloadError("CoinGecko gave something else than a list of coins")
        return [MarketRow(snapshot_date=night, coin_id=coin["id"], **_fields(coin)) for coin in coins]


def parse_global(body: bytes, night: date, fetched_at: datetime) -> GlobalRow:
    """The totals of now; `updated_at` is in seconds, unlike everything else of this provider."""
    with reading("the global totals"):
        data = json_of(body)["data"]
        updated_at = _moment(data["updated_at"])
        if updated_at > fetched_at + _CLOCKS_DIFFER:
            raise BadPayloadError(f"the totals are of {updated_at:%Y-%m-%d %H:%M} UTC, which is still to come")
        return GlobalRow(
            snapshot_date=night,
            total_market_cap_usd=data["total_market_cap"]["usd"],
            btc_dominance_pct=data["market_cap_percentage"].get("btc"),
            active_cryptocurrencies=data.get("active_cryptocurrencies"),
            updated_at=updated_at,
        )


def _fields(coin: dict[str, Any]) -> dict[str, Any]:
    return {name: coin[name] for name in MarketRow.model_fields if name not in ("snapshot_date", "coin_id")}


def _moment(seconds: Any) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OSError as error:
        raise ValueError(f"{seconds} is not a moment") from error
