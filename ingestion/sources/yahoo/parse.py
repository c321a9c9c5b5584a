"""Reading a chart body: same bytes, same rows.

Belongs here: the wire format of `/v8/finance/chart/{symbol}` and its traps. A bar's date is its stamp in the exchange's
own time zone, because the newest bar carries the last trade's time and `meta.gmtoffset` is today's, not the bar's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.errors import BadPayloadError
from ingestion.sources.reading import json_of, reading
from ingestion.sources.yahoo.models import ChartRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # plus a delta: stamps before 1970 are negative
_PRICES = ("open", "high", "low", "close")


def parse_chart(body: bytes, symbol: str, fetched_at: datetime) -> list[ChartRow]:
    """The daily bars of one chart answer, oldest first; an empty list when the window holds no bar.

    A bar without a close is left out, and so is one of a session that had not ended when it was fetched; of several
    stamps on one date the last one counts. Raises `BadPayloadError` for anything that is not a daily chart of `symbol`.
    """
    with reading(f"a daily chart of {symbol}"):
        return _read(json_of(body), symbol, fetched_at)


def _read(envelope: Any, symbol: str, fetched_at: datetime) -> list[ChartRow]:
    chart = envelope["chart"]
    if chart.get("error"):
        raise BadPayloadError(f"Yahoo refused {symbol}: {chart['error'].get('code')}")
    (result,) = chart["result"]
    meta = result["meta"]
    if meta["symbol"] != symbol:
        raise BadPayloadError(f"Yahoo was asked for {symbol} and answered with {meta['symbol']!r}")
    if meta["dataGranularity"] != "1d":
        raise BadPayloadError(f"Yahoo gave {symbol} in bars of {meta['dataGranularity']!r} instead of '1d'")
    stamps = result.get("timestamp") or []
    if not stamps:
        return []
    (quote,) = result["indicators"]["quote"]
    columns = {name: _column(quote[name], stamps, name) for name in (*_PRICES, "volume")}
    adjusted = result["indicators"].get("adjclose")
    columns["adj_close"] = _column(adjusted[0]["adjclose"] if adjusted else [None] * len(stamps), stamps, "adjclose")
    zone = ZoneInfo(meta["exchangeTimezoneName"])
    live = _live_session(meta, zone, fetched_at)
    rows: dict[date, ChartRow] = {}
    for position, stamp in enumerate(stamps):
        values = {name: column[position] for name, column in columns.items()}
        if values["close"] is not None:
            day = _local_day(stamp, zone)
            if _EPOCH + timedelta(seconds=stamp) > fetched_at:
                raise BadPayloadError(f"Yahoo gave a bar of {symbol} for {day}, which is still to come")
            if live is None or day < live:
                rows[day] = ChartRow(symbol=symbol, session_date=day, **values)
    return [rows[day] for day in sorted(rows)]


def _column(values: list[Any], stamps: list[int], name: str) -> list[Any]:
    if len(values) != len(stamps):
        raise BadPayloadError(f"Yahoo's column {name} has {len(values)} values for {len(stamps)} bars")
    return values


def _local_day(stamp: int, zone: ZoneInfo) -> date:
    return (_EPOCH + timedelta(seconds=stamp)).astimezone(zone).date()


def _live_session(meta: Any, zone: ZoneInfo, fetched_at: datetime) -> date | None:
    """The date of the session that had not ended at `fetched_at`: its bar was still moving."""
    period = (meta.get("currentTradingPeriod") or {}).get("regular")
    if period and _EPOCH + timedelta(seconds=period["end"]) > fetched_at:
        return _local_day(period["start"], zone)
    return None
