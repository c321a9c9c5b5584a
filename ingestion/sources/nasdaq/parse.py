"""Reading historical quotes: same bytes, same rows.

Belongs here: the wire format and its traps. Numbers are texts with `$` and commas, dates are American, the newest row
is first, and a refusal comes under HTTP 200.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from ingestion.calendars import has_ended
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.http import outcome_of_status
from ingestion.sources.nasdaq.models import BarRow
from ingestion.sources.reading import american_date, json_of, number, reading

_UNKNOWN = ("", "--", "N/A")


def judge(exchange: Exchange) -> Exchange:
    """A refusal under HTTP 200 as what it is: `status.rCode` speaks the language of HTTP."""
    if exchange.outcome is not Outcome.OK:
        return exchange
    try:
        status = json_of(exchange.body)["status"]
        code = status["rCode"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return exchange  # not even an envelope: the parser says so
    if code == HTTPStatus.OK:
        return exchange
    outcome = outcome_of_status(code) if isinstance(code, int) else Outcome.BAD_PAYLOAD
    if outcome is Outcome.OK:
        outcome = Outcome.BAD_PAYLOAD
    return replace(exchange, outcome=outcome, error=f"rCode {code}: {status.get('bCodeMessage')}"[:300])


def parse_bars(body: bytes, symbol: str, fetched_at: datetime) -> list[BarRow]:
    """The bars of ended sessions, oldest first; of several on one date the first counts, which is the newer one.

    Raises `BadPayloadError` for anything that is not the whole answer about `symbol`."""
    with reading(f"the daily bars of {symbol}"):
        envelope = json_of(body)
        if envelope["status"]["rCode"] != HTTPStatus.OK:
            raise BadPayloadError(f"Nasdaq refused {symbol}: rCode {envelope['status']['rCode']!r}")
        data = envelope["data"]
        if data["symbol"] != symbol:
            raise BadPayloadError(f"Nasdaq was asked for {symbol} and answered with {data['symbol']!r}")
        given = data["tradesTable"]["rows"] or []
        if len(given) != data["totalRecords"]:
            raise BadPayloadError(f"Nasdaq gave {len(given)} of {data['totalRecords']} bars of {symbol}")
        rows: dict[date, BarRow] = {}
        for bar in reversed(given):
            day = american_date(bar["date"])
            close = _amount(bar["close"])
            if close is not None and has_ended(day, fetched_at):
                prices = {name: _amount(bar[name]) for name in ("open", "high", "low")}
                volume = _amount(bar["volume"])
                rows[day] = BarRow(symbol=symbol, session_date=day, close=close, volume=volume, **prices)
        return [rows[day] for day in sorted(rows)]


def _amount(text: Any) -> float | None:
    """The number of `$1,234.56`; null for the marks of an unknown one."""
    if text is None or text in _UNKNOWN:
        return None
    return number(text.removeprefix("$").replace(",", ""))
