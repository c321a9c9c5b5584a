"""Sessions of the New York exchanges, for whoever must know which bars there should be.

Belongs here: calendars that ingestion asks by. The sessions that models align to are a model of their own.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_MARGIN = timedelta(days=14)  # a calendar must hold a session
_CLOSE = time(16)  # half days close earlier: by then they have ended, too


@cache
def sessions(first: date, last: date) -> tuple[date, ...]:
    """The sessions of XNYS from `first` to `last`, both included."""
    import exchange_calendars  # noqa: PLC0415 - a third of a second, paid only where a gap is looked for

    calendar = exchange_calendars.get_calendar("XNYS", start=str(first - _MARGIN), end=str(last + _MARGIN))
    return tuple(day for day in calendar.sessions.date if first <= day <= last)


def has_ended(session: date, moment: datetime) -> bool:
    """Whether a session is over at a moment: before that its bar still moves."""
    return datetime.combine(session, _CLOSE, tzinfo=NEW_YORK) <= moment
