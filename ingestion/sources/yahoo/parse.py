"""Reading a chart body: same bytes, same rows.

Belongs here: the wire format of `/v8/finance/chart/{symbol}` and its traps. A bar's date is its stamp in the exchange's
own time zone, because the newest bar carries the last trade's time and `meta.gmtoffset` is today's, not the bar's.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ingestion.errors import BadPayloadError
from ingestion.sources.yahoo.models import ChartRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # plus a delta: stamps before 1970 are negative
_PRICES = ("open", "high", "low", "close")


def parse_chart(body: bytes, symbol: str) -> list[ChartRow]:
    """The daily bars of one chart answer, oldest first; an empty list when the window holds no bar.

    A bar without a close is left out; of several stamps on one date the last one counts.
    Raises `BadPayloadError` for anything that is not a daily chart of `symbol`.
    """
    try:
        return _read(json.loads(body), symbol)
    except BadPayloadError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadPayloadError(f"Yahoo's answer for {symbol} is not a daily chart: {_reason(error)}") from error


def _read(envelope: Any, symbol: str) -> list[ChartRow]:
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
    rows: dict[date, ChartRow] = {}
    for position, stamp in enumerate(stamps):
        values = {name: column[position] for name, column in columns.items()}
        if values["close"] is not None:
            day = (_EPOCH + timedelta(seconds=stamp)).astimezone(zone).date()
            rows[day] = ChartRow(symbol=symbol, session_date=day, **values)
    return [rows[day] for day in sorted(rows)]


def _column(values: list[Any], stamps: list[int], name: str) -> list[Any]:
    if len(values) != len(stamps):
        raise BadPayloadError(f"Yahoo's column {name} has {len(values)} values for {len(stamps)} bars")
    return values


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{type(error).__name__} {error}"
