"""Reading the total-cap history: same bytes, same rows.

Belongs here: the wire format and its traps. HTTP 200 is not success: `status.error_code` must be the text "0".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter

from ingestion.exchange import Exchange, Outcome
from ingestion.sources.coinmarketcap.models import TotalRow
from ingestion.sources.reading import json_of, reading

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def judge(exchange: Exchange) -> Exchange:
    """A refusal under HTTP 200 as what it is."""
    if exchange.outcome is not Outcome.OK:
        return exchange
    try:
        envelope = json_of(exchange.body)
        status = envelope["status"]
        code, message = status["error_code"], str(status.get("error_message"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return exchange  # not even an envelope: the parser says so
    if code == "0":
        return exchange
    limited = "limit" in message.lower() or "too many" in message.lower()
    outcome = Outcome.RATE_LIMITED if limited else Outcome.BAD_PAYLOAD
    return replace(exchange, outcome=outcome, error=f"{code}: {message}"[:300])


def parse_total(body: bytes, fetched_at: datetime) -> list[TotalRow]:
    """The finished days of one window; of several quotes of a day the last counts, the running day is left out."""
    with reading("a history of the total cap"):
        envelope = json_of(body)
        if envelope["status"]["error_code"] != "0":
            raise ValueError(f"the error code is {envelope['status']['error_code']!r} and not '0'")
        rows: dict[date, TotalRow] = {}
        for quote in envelope["data"]["quotes"]:
            row = _row(quote)
            if row.date < fetched_at.astimezone(UTC).date():
                rows[row.date] = row
        return [rows[day] for day in sorted(rows)]


def _row(quote: dict[str, Any]) -> TotalRow:
    quoted_at = _MOMENT.validate_python(quote["timestamp"], strict=False)
    values = quote["quote"][0]
    return TotalRow(
        date=quoted_at.astimezone(UTC).date(),
        total_market_cap_usd=values["totalMarketCap"],
        btc_dominance_pct=quote.get("btcDominance"),
        altcoin_market_cap_usd=values.get("altcoinMarketCap"),
        quoted_at=quoted_at,
    )
