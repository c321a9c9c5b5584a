"""All series on one grid of sessions: which there are, how crypto is aligned, and which sessions need computing again.

Belongs here: what every statistic of equities and crypto reads. The statistics are elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.correlation import Series, Windows, windows_at

EQUITIES = ("^RUT", "^GSPC", "IWM")
CRYPTO = ("total_cap", "total_ex_btc", "btc")
EQUITY_ALIGNMENT = "session_close"
# Best first. A window is computed from one of them as a whole.
ALIGNMENTS = ("session_close", "utc_close")
Positions = NDArray[np.int64]
_HASHED = ["session_date", "series", "alignment", "is_week_end", "log_price", "log_return", "week_return", "provider"]


class Returns(NamedTuple):
    """One series on the grid of sessions, (n,) each, in log units; `week` is NaN but on the last session of a week."""

    session: Series
    week: Series
    level: Series
    provider: str | None


@dataclass(frozen=True)
class Market:
    """All series on one grid of sessions, in order of time. `as_of` are month-ends and the last session."""

    sessions: pd.DatetimeIndex
    week_ends: Positions
    as_of: Positions
    series: Mapping[tuple[str, str], Returns]
    first_crypto: int

    def of(self, name: str, alignment: str) -> Returns:
        """A series; one that nobody delivered is missing on every session."""
        nothing = np.full(len(self.sessions), np.nan)
        return self.series.get((name, alignment), Returns(nothing, nothing, nothing, None))


def market(sessions: pd.DataFrame, returns: pd.DataFrame) -> Market:
    """The series of `returns`, the rows of int_session_returns, on all `sessions`, the rows of int_xnys_sessions."""
    grid = pd.DatetimeIndex(sessions["session_date"])
    series = {}
    for (name, alignment), rows in returns.groupby(["series", "alignment"]):
        at = rows.set_index("session_date").reindex(grid)
        named = at["provider"].dropna()
        provider = str(named.iloc[-1]) if len(named) else None
        session, week, level = (at[column].to_numpy(float) for column in ("log_return", "week_return", "log_price"))
        series[str(name), str(alignment)] = Returns(session, week, level, provider)
    crypto = returns.loc[returns["series"].isin(CRYPTO), "session_date"]
    first = int(grid.searchsorted(crypto.min())) if len(crypto) else max(len(grid) - 1, 0)
    as_of = sessions["is_month_end"].to_numpy(bool).copy()
    as_of[-1:] = True
    return Market(grid, np.flatnonzero(sessions["is_week_end"]), np.flatnonzero(as_of), series, first)


def aligned(
    whole: Market, crypto: str, ends: Positions, window: int, needed: int
) -> tuple[tuple[Returns, Returns], NDArray[np.bool_], NDArray[np.str_]]:
    """The series under both alignments, and per window whether the better one covers it."""
    best, fallback = (whole.of(crypto, alignment) for alignment in ALIGNMENTS)
    covered = np.isfinite(windows_at(best.session, ends, window)).sum(axis=1) >= needed
    return (best, fallback), covered, np.where(covered, *ALIGNMENTS)


def aligned_windows(
    whole: Market, crypto: str, ends: Positions, window: int, needed: int
) -> tuple[Windows, NDArray[np.str_], str | None]:
    """Windows of session returns under the better alignment that covers them, which one that is, and the provider."""
    coins, covered, alignment = aligned(whole, crypto, ends, window, needed)
    values = np.where(covered[:, None], *(windows_at(one.session, ends, window) for one in coins))
    return values, alignment, coins[0].provider or coins[1].provider


def input_hashes(grid: pd.DatetimeIndex, returns: pd.DataFrame, window: int) -> NDArray[np.str_]:
    """For each session a hash of every return of the `window` sessions up to it: equal hashes, equal statistics.

    Sums of row hashes, so the order of rows does not matter and one pass serves all sessions.
    """
    rows = pd.util.hash_pandas_object(returns[_HASHED], index=False).to_numpy(np.uint64)
    daily = np.zeros(len(grid) + 1, dtype=np.uint64)
    np.add.at(daily, grid.searchsorted(pd.DatetimeIndex(returns["session_date"])) + 1, rows)
    total = np.cumsum(daily, dtype=np.uint64)
    ends = np.arange(1, len(total))
    return np.array([f"{value:016x}" for value in total[ends] - total[np.maximum(ends - window, 0)]], dtype="U16")


def stale(
    ends: Positions, grid: pd.DatetimeIndex, hashes: NDArray[np.str_], stored: pd.DataFrame | None, params_hash: str
) -> Positions:
    """The positions of `ends` whose inputs or parameters are not the stored ones.

    `stored` has a date in its first column, inputs_hash and params_hash; None means that nothing is stored.
    """
    if stored is None or not len(stored):
        return ends
    known = stored.loc[stored["params_hash"] == params_hash].set_index(stored.columns[0])["inputs_hash"]
    changed: Positions = ends[known.reindex(grid[ends]).to_numpy() != hashes[ends]]
    return changed
