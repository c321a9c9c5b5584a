"""Reading the total-cap history and the listings: same bytes, same rows.

Belongs here: the wire format and its traps. HTTP 200 is not success: `status.error_code` must be the text "0".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter

from ingestion.exchange import Exchange, Outcome
from ingestion.sources.coinmarketcap.models import ListingRow, TotalRow
from ingestion.sources.reading import json_of, number, reading

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
        rows: dict[date, TotalRow] = {}
        for quote in _data(body)["quotes"]:
            row = _row(quote)
            if row.date < fetched_at.astimezone(UTC).date():
                rows[row.date] = row
        return [rows[day] for day in sorted(rows)]


def parse_listing(body: bytes, day: date, fetched_at: datetime) -> list[ListingRow]:
    """The coins of one finished day by rank, as delivered: a rank that is missing stays missing, none moves up.

    Raises `BadPayloadError` for a day that is not over, and for a coin or a rank that is given twice.
    """
    with reading(f"the listing of {day}"):
        if day >= fetched_at.astimezone(UTC).date():
            raise ValueError(f"{day} was not over when it was asked for")
        rows = [_listed(coin, day) for coin in _data(body)]
        for name in ("cmc_id", "cmc_rank"):
            if twice := [value for value, count in Counter(getattr(row, name) for row in rows).items() if count > 1]:
                raise ValueError(f"{name} {twice[0]} is given twice")
        return sorted(rows, key=lambda row: row.cmc_rank)


def _data(body: bytes) -> Any:
    envelope = json_of(body)
    if envelope["status"]["error_code"] != "0":
        raise ValueError(f"the error code is {envelope['status']['error_code']!r} and not '0'")
    return envelope["data"]


def _listed(coin: dict[str, Any], day: date) -> ListingRow:
    values = coin["quotes"][0]
    return ListingRow(
        date=day,
        cmc_id=coin["id"],
        cmc_rank=coin["cmcRank"],
        name=coin["name"],
        symbol=coin["symbol"],
        slug=coin["slug"],
        price_usd=number(values["price"]),
        market_cap_usd=number(values["marketCap"]),
        circulating_supply=number(coin["circulatingSupply"]),
    )


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
