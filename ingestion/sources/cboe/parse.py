"""Reading Cboe's files: same bytes, same rows.

Belongs here: both wire formats and their traps. The JSON has its numbers as strings and keeps no order; the CSV has
American dates. Both are the whole series each time, so one without any bar is no answer.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from ingestion.calendars import has_ended
from ingestion.errors import BadPayloadError
from ingestion.sources.cboe.models import BarRow, CloseRow
from ingestion.sources.reading import american_date, csv_rows, json_of, number, reading

_PRICES = ("open", "high", "low")
Row = TypeVar("Row", BarRow, CloseRow)


def parse_bars(body: bytes, symbol: str, fetched_at: datetime) -> list[BarRow]:
    """The bars of ended sessions, oldest first; of several on one date the last counts, one without a close is left
    out. Raises `BadPayloadError` for anything that is not the series of `symbol`."""
    with reading(f"the daily bars of {symbol}"):
        envelope = json_of(body)
        if envelope["symbol"] != symbol:
            raise BadPayloadError(f"Cboe was asked for {symbol} and answered with {envelope['symbol']!r}")
        rows: dict[date, BarRow] = {}
        for bar in envelope["data"]:
            day = date.fromisoformat(bar["date"])
            close = _price(bar["close"])
            if close is not None and has_ended(day, fetched_at):
                prices = {name: _price(bar[name]) for name in _PRICES}
                volume = number(bar["volume"])
                rows[day] = BarRow(symbol=symbol, session_date=day, close=close, volume=volume, **prices)
        return _whole(rows, symbol)


def parse_closes(body: bytes, symbol: str, fetched_at: datetime) -> list[CloseRow]:
    """The closes of ended sessions, oldest first; of several on one date the last counts.

    Raises `BadPayloadError` for anything that is not the series of `symbol`."""
    with reading(f"the closes of {symbol}"):
        rows: dict[date, CloseRow] = {}
        for text, close in csv_rows(body, ("DATE", symbol)):
            day = american_date(text)
            if has_ended(day, fetched_at):
                rows[day] = CloseRow(symbol=symbol, session_date=day, close=float(close))
        return _whole(rows, symbol)


def _whole(rows: dict[date, Row], symbol: str) -> list[Row]:
    if not rows:
        raise BadPayloadError(f"Cboe gave the whole series of {symbol} without a bar")
    return [rows[day] for day in sorted(rows)]


def _price(value: Any) -> float | None:
    """A price; the first decades of an index carry 0.000000 where nobody knows one."""
    return number(value) or None
