"""Who leads and who turns when: statsmodels, scipy and arch, and walks by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from scipy import signal, stats
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.stattools import ccf

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, NIGHT, levels, returns

_DAY = f"as_of_date = date '{NIGHT:%Y-%m-%d}' and equity_symbol = '^RUT' and crypto_series = 'total_cap'"


def _whitened(place: Place) -> pd.DataFrame:
    """Both through the autoregression of crypto that BIC chooses among orders to ten."""
    window = returns(place)[["^RUT", "total_cap"]].iloc[-504:]
    assert window.notna().all().all()
    chosen = ar_select_order(window["total_cap"].to_numpy(), 10, ic="bic").ar_lags or []
    fit = AutoReg(window["total_cap"].to_numpy(), max(chosen, default=0), hold_back=10).fit()
    intercept, slopes = fit.params[0], fit.params[1:]
    explained = intercept + sum(slope * window.shift(lag) for lag, slope in enumerate(slopes, 1))
    return (window - explained).dropna()


def check_lead_lag(place: Place) -> None:
    """Every lag by statsmodels' ccf, band and p by arch's resamples of crypto alone."""
    ours = place.published(f"select * from marts.equity_crypto_lead_lag where {_DAY}", f"{NIGHT:%Y-%m-%d}").set_index(
        "lag_sessions"
    )
    white = _whitened(place)
    x, y = white["^RUT"].to_numpy(), white["total_cap"].to_numpy()
    later = ccf(y, x, adjusted=True, nlags=21)  # corr(y_{t+k}, x_t)
    earlier = ccf(x, y, adjusted=True, nlags=21)
    np.testing.assert_allclose(ours.loc[range(21), "correlation"], later, rtol=EXACT, atol=EXACT)
    np.testing.assert_allclose(ours.loc[[-lag for lag in range(21)], "correlation"], earlier, rtol=EXACT, atol=EXACT)
    block = np.ceil(optimal_block_length(y)["stationary"].iloc[0])
    zx = (x - x.mean()) / x.std()

    def largest(drawn: np.ndarray) -> float:
        z = (drawn - drawn.mean()) / drawn.std()
        lags = [np.mean(zx[: len(z) - k] * z[k:]) for k in range(21)]
        lags += [np.mean(z[: len(z) - k] * zx[k:]) for k in range(1, 21)]
        return float(np.abs(lags).max())

    drawn = StationaryBootstrap(max(block, 1), y, seed=1).apply(largest, 999)[:, 0]
    # The 95th percentiles of 1999 and of 999 draws, each with a standard error of about 0.07 of a standard deviation.
    assert ours["band_high"].iloc[0] == pytest.approx(np.quantile(drawn, 0.95), abs=0.4 * drawn.std())
    p = np.array([(1 + (drawn >= abs(r)).sum()) / 1000 for r in ours["correlation"]])
    error = 4 * np.sqrt(np.maximum(p * (1 - p), 1e-3) * (1 / 1999 + 1 / 999))
    assert (np.abs(ours["p_value"] - p) <= error).all()
    assert (p < 0.01).any()
    assert (p > 0.2).any()


Pivot = tuple[int, int]


def pivots(place: Place, name: str, k: int) -> list[Pivot]:
    """(position, kind) of a series' turning points confirmed by the night: scipy's strict extrema, then alternating."""
    level, moves = levels(place)[name], returns(place)[name]
    spread = moves.rolling(252, min_periods=227).std()
    filled = {1: level.fillna(-np.inf).to_numpy(), -1: level.fillna(np.inf).to_numpy()}
    found = [(int(at), 1) for at in signal.argrelextrema(filled[1], np.greater, order=k)[0]]
    found += [(int(at), -1) for at in signal.argrelextrema(filled[-1], np.less, order=k)[0]]
    first = int(np.flatnonzero(level.notna())[0])
    kept: list[Pivot] = []
    for at, kind in sorted(found):
        if at <= first or at + k >= len(level):
            continue
        if not kept:
            kept.append((at, kind))
            continue
        before, last_kind = kept[-1]
        rise = kind * (level.iloc[at] - level.iloc[before])
        if kind == last_kind:
            kept[-1] = (at, kind) if rise > 0 else kept[-1]
        elif at - before >= 15 and rise >= max(0.05, 2 * (0 if np.isnan(spread.iloc[at]) else spread.iloc[at])):
            kept.append((at, kind))
    return kept


def pairs(left: list[Pivot], right: list[Pivot], tolerance: int) -> int:
    """As many pairs of one kind within the tolerance as there can be; pivots of a kind lie far apart here."""
    return sum(any(kind == other and abs(at - to) <= tolerance for to, other in right) for at, kind in left)


def check_turning_points(place: Place) -> None:
    """Pivots, match shares, and all shifts of one series around the window of two years."""
    ours = place.published(f"select * from marts.turning_point_matches where {_DAY}", f"{NIGHT:%Y-%m-%d}")
    assert len(ours) == 6
    n = len(levels(place))
    for k, rows in ours.groupby("k_sessions"):
        left, right = (
            [(at - (n - 504), kind) for at, kind in pivots(place, name, k) if at >= n - 504]
            for name in ("^RUT", "total_cap")
        )
        for _, row in rows.iterrows():
            tolerance = int(row["tolerance_sessions"])
            both = len(left) + len(right)
            assert (row["equity_pivots"], row["crypto_pivots"]) == (len(left), len(right))
            assert row["matches"] == pairs(left, right, tolerance)
            leads = [to - at for at, kind in left for to, other in right if kind == other and abs(at - to) <= tolerance]
            assert list(row["leads"]) == leads
            assert row["lead_median"] == np.median(leads)
            share = 2 * row["matches"] / both
            shifted = [[((at + by) % 504, kind) for at, kind in right] for by in range(1, 504)]
            chance = np.array([2 * pairs(left, moved, tolerance) / both for moved in shifted])
            expected = {
                "match_share": share,
                "null_share_mean": chance.mean(),
                "null_share_p95": np.quantile(chance, 0.95),
                "p_value": (1 + (chance >= share - 1e-12).sum()) / 504,
            }
            np.testing.assert_allclose(
                row[list(expected)].astype(float), list(expected.values()), rtol=EXACT, atol=EXACT
            )


def _phases(place: Place, name: str, k: int) -> np.ndarray:
    """1 while the path goes to a high, 0 while to a low, in the window; NaN outside its turning points."""
    state = np.full(len(levels(place)), np.nan)
    found = pivots(place, name, k)
    for (before, _), (at, kind) in pairwise(found):
        state[before + 1 : at + 1] = kind == 1
    return state[-504:]


def check_concordance(place: Place) -> None:
    """The share of sessions in one phase, its Newey-West test, and all its circular shifts."""
    ours = place.published(
        f"select * from marts.turning_point_matches where {_DAY}", f"{NIGHT:%Y-%m-%d}"
    ).drop_duplicates("k_sessions")
    assert len(ours) == 2
    for _, row in ours.iterrows():
        x, y = (_phases(place, name, row["k_sessions"]) for name in ("^RUT", "total_cap"))
        known = np.isfinite(x) & np.isfinite(y)
        x, y = x[known], y[known]
        share = float((x == y).mean())
        shifted = [float((x == np.roll(y, by)).mean()) for by in range(1, len(x))]
        fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": 30})
        expected = {
            "concordance": share,
            "concordance_expected": x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean()),
            "concordance_p": (1 + sum(one >= share - 1e-12 for one in shifted)) / len(x),
            "concordance_hac_p": stats.norm.sf(fit.tvalues[1]),
            "concordance_sessions": len(x),
        }
        np.testing.assert_allclose(row[list(expected)].astype(float), list(expected.values()), rtol=EXACT, atol=EXACT)
