"""Reading a series as CSV: same bytes, same rows.

Belongs here: the wire format and its traps. A holiday is a row without a value, written as `.` or as nothing.
"""

from __future__ import annotations

from datetime import date

from ingestion.sources.fred.models import CloseRow
from ingestion.sources.reading import csv_rows, reading

_MISSING = (".", "")


def parse_closes(body: bytes, series: str) -> list[CloseRow]:
    """The days with a value, oldest first; an empty list when the window holds holidays only.

    Raises `BadPayloadError` for anything that is not the CSV of `series`."""
    with reading(f"the series {series}"):
        rows: dict[date, CloseRow] = {}
        for text, value in csv_rows(body, ("observation_date", series), ("DATE", series)):
            day = date.fromisoformat(text)
            if value not in _MISSING:
                rows[day] = CloseRow(symbol=series, session_date=day, close=float(value))
        return [rows[day] for day in sorted(rows)]
