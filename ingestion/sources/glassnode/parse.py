"""Reading exchange flows: same bytes, same rows.

Belongs here: the wire format and its traps. The answer is a bare list that does not repeat what was asked; `t` is the
start of a day in unix seconds, and the running day is in it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.sources.glassnode.models import FlowRow
from ingestion.sources.reading import json_of, number, reading

_DAY = timedelta(days=1)


def parse_flows(body: bytes, asset: str, exchange: str, metric: str, fetched_at: datetime) -> list[FlowRow]:
    """The finished days of one metric, oldest first; an empty list when the window holds none.

    Raises `BadPayloadError` for anything but daily values, and for a day given twice."""
    with reading(f"daily values of {metric}"):
        given = json_of(body)
        if not isinstance(given, list):
            raise BadPayloadError("Glassnode gave something else than a list of values")
        rows: dict[date, FlowRow] = {}
        for point in given:
            start = _midnight(point["t"])
            if start.date() in rows:
                raise BadPayloadError(f"Glassnode gave {start.date()} of {asset} twice")
            row = FlowRow(asset=asset, exchange=exchange, metric=metric, date=start.date(), value=number(point["v"]))
            if start + _DAY <= fetched_at:
                rows[start.date()] = row
        return [rows[day] for day in sorted(rows)]


def _midnight(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError(f"{seconds!r} is not a moment in whole seconds")
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    if start.time() != datetime.min.time():
        raise ValueError(f"{start:%Y-%m-%d %H:%M:%S} is not the start of a day")
    return start
