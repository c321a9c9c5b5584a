"""Sessions of the New York exchanges with the instant of their close: half days and daylight saving are in it."""

from datetime import date, timedelta

import exchange_calendars
import numpy as np
import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("session_date", pa.date32()),
        ("close_at", pa.timestamp("us", tz="UTC")),
        ("is_half_day", pa.bool_()),
        ("is_week_end", pa.bool_()),
        ("is_month_end", pa.bool_()),
    ]
)
# A night far in the future means "no limit"; the calendar is not computed for millennia.
BEYOND_LAST_BAR = timedelta(days=366)
# Whether a session is the last of its week or month needs the sessions after it.
AHEAD = timedelta(days=10)


def model(dbt, session):
    night = date.fromisoformat(dbt.config.get("night"))
    bars = dbt.ref("int_equity_bars")
    ((first, last),) = bars.aggregate("min(session_date), max(session_date)").fetchall()
    if first is None:
        first = last = min(night, date(2100, 1, 1))
    end = min(night, last + BEYOND_LAST_BAR)
    calendar = exchange_calendars.get_calendar("XNYS", start=str(first - AHEAD), end=str(end + AHEAD))
    sessions = calendar.sessions
    periods = (sessions.isocalendar().week.to_numpy(), sessions.month.to_numpy())
    inside = (sessions.date >= first) & (sessions.date <= end)
    columns = [
        pa.array(sessions.date[inside], pa.date32()),
        pa.array(calendar.closes.dt.tz_convert("UTC").array[inside].astype("datetime64[us, UTC]")),
        pa.array(sessions.isin(calendar.early_closes)[inside]),
        *(pa.array(np.append(period[:-1] != period[1:], True)[inside]) for period in periods),
    ]
    return pa.Table.from_arrays(
        [column.cast(kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
