"""Reading a series as CSV: same bytes, same rows.

Belongs here: the wire format and its traps. A holiday is a row without a value, written as `.` or as nothing.
"""

from __future__ import annotations

from datetime import date, datetime

from ingestion.calendars import has_ended
from ingestion.sources.fred.models import CloseRow
from ingestion.sources.reading import csv_rows, reading

_MISSING = (".", "")


def parse_closes(body: bytes, series: str, fetched_at: datetime) -> list[CloseRow]:
    """The ended days with a value, oldest first; an empty list when the window holds holidays only.

    Raises `BadPayloadError` for anything that is not the CSV of `series`."""
    with reading(f"the series {series}"):
        rows: dict[date, CloseRow] = {}
        for text, value in csv_rows(body, ("observation_date", series), ("DATE", series)):
            day = date.fromisoformat(text)
            if value not in _MISSING and has_ended(day, fetched_at):
                rows[day] = CloseRow(symbol=series, session_date=day, close=float(value))
        return [rows[day] for day in sorted(rows)]
