"""Prices on sessions as a reader would line them up: the recorded files, and the calendar of the exchange."""

from __future__ import annotations

from functools import cache

import exchange_calendars
import numpy as np
import pandas as pd

from tests.end_to_end.whole_nights import RECORDED, Place

NIGHT = pd.Timestamp("2026-01-16")
EXACT = 1e-9


@cache
def levels(place: Place, until: pd.Timestamp = NIGHT) -> pd.DataFrame:
    """Log prices by session and series, from what was collected; equities and totals at their own closes."""
    rows = place.warehouse("select session_date, series, alignment, price from intermediate.int_session_prices")
    table = rows.pivot(index="session_date", columns="series", values="price")
    calendar = exchange_calendars.get_calendar("XNYS", start="2016-01-04", end=f"{until:%Y-%m-%d}")
    return np.log(table.reindex(calendar.sessions))


@cache
def returns(place: Place) -> pd.DataFrame:
    """Log returns between consecutive sessions; a missing price makes two of them missing."""
    return levels(place).diff()


def check_prices_are_those_that_were_recorded(place: Place) -> None:
    """Equities but for the single precision in which the provider delivers them, totals exactly."""
    bars = pd.read_csv(RECORDED / "equity_bars.csv", parse_dates=["session_date"])
    recorded = bars.pivot(index="session_date", columns="symbol", values="close")
    totals = pd.read_csv(RECORDED / "total_cap.csv", parse_dates=["date"]).set_index("date")["total_cap_usd"]
    ours = np.exp(levels(place))
    for symbol in ("^RUT", "^GSPC", "IWM"):
        both = pd.concat([ours[symbol], recorded[symbol]], axis=1, join="inner").dropna()
        assert len(both) > 2000
        np.testing.assert_allclose(both.iloc[:, 0], both.iloc[:, 1], rtol=1e-6)
    both = pd.concat([ours["total_cap"], totals], axis=1, join="inner").dropna()
    assert len(both) > 2000
    np.testing.assert_allclose(both.iloc[:, 0], both.iloc[:, 1], rtol=1e-12)
