"""Levels and cycles: arch and statsmodels for cointegration, a walk by hand for long rises."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch.unitroot import ADF, KPSS
from arch.unitroot.cointegration import engle_granger
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp

from analytics.cycle_tables import CycleRule, gains_table
from tests.end_to_end.whole_nights import RECORDED, Place
from tests.recorded.references.prices import EXACT, NIGHT, levels


def check_cointegration(place: Place) -> None:
    """t by arch, and by its two regressions one after the other; Holm's p among the five tests of the claim."""
    ours = place.published(f"""
        select * from marts.claim_measures where claim_id = 'C3' and evaluation_date = date '{NIGHT:%Y-%m-%d}'""")
    ours = ours.set_index("metric")
    pair = levels(place)[["^RUT", "total_cap"]].iloc[-504:].dropna()
    x, y = (pair[name].to_numpy() for name in pair)
    residuals = sm.OLS(y, sm.add_constant(x)).fit().resid
    t = ADF(residuals, trend="n", method="aic").stat
    found = ours.loc["cointegration"]
    assert found["value"] == pytest.approx(t, abs=EXACT)
    assert found["value"] == pytest.approx(engle_granger(y, x, trend="c", method="aic").stat, abs=EXACT)
    assert found["null_value"] == pytest.approx(mackinnoncrit(N=2, regression="c", nobs=len(pair) - 1)[1], abs=EXACT)
    assert ours.loc["level_correlation", "value"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=EXACT)
    # Nothing else of the family has a larger p, so Holm leaves this one as it is.
    assert found["p_value"] == pytest.approx(mackinnonp(t, regression="c", N=2), abs=EXACT)
    for name, level in (("rut", x), ("total_cap", y)):
        assert ours.loc[f"adf:{name}", "value"] == pytest.approx(ADF(level, method="aic").stat, abs=EXACT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # arch tells that it now chooses the lags by the data, as it should here
            assert ours.loc[f"kpss:{name}", "value"] == pytest.approx(KPSS(level).stat, abs=EXACT)


def check_cycle_gains(_: Place) -> None:
    """The rule of others_btc_cycle_gains on the recorded total without Bitcoin per Bitcoin, which goes back far enough.

    The recorded caps of single coins do not, so the mart itself has no cycle. Every turn is found by its definition.
    """
    totals = pd.read_csv(RECORDED / "total_cap.csv", parse_dates=["date"]).set_index("date")
    ratio = (100 - totals["btc_dominance_pct"]) / totals["btc_dominance_pct"]
    ratio = ratio.dropna().asfreq("D")
    rows = ratio.rename("ratio").rename_axis("date").reset_index()
    rows = rows.assign(membership="daily_ranks", denominator="btc_cap").dropna()
    rule = CycleRule(1.0, 90, other_amplitudes=(0.5, 2.0), other_min_days=(30, 180))
    ours = gains_table(rows, rule, "").to_pandas()
    found = 0
    for (amplitude, min_days), mine in ours.groupby(["min_amplitude", "min_days"]):
        turns = _turns(ratio.dropna(), amplitude, min_days)
        over = mine[mine["peak_date"].notna()]
        names = ("trough_date", "trough_confirmed_date", "peak_date", "peak_confirmed_date")
        told = [tuple(pd.Timestamp(row[name]) for name in names) for _, row in over.iterrows()]
        assert told == [(*turns[at], *turns[at + 1]) for at in range(0, len(turns) - 1, 2)]
        gains = [ratio[peak] / ratio[trough] - 1 for trough, _, peak, _ in told]
        np.testing.assert_allclose(over["gain"], gains, rtol=EXACT)
        found += len(told)
    assert found >= 10


def _turns(ratio: pd.Series, amplitude: float, min_days: int) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """(trough, known), (peak, known), … of a daily ratio: each the extreme since the one before it had its days."""
    logs, least, wait = np.log(ratio), np.log1p(amplitude), pd.Timedelta(days=min_days)
    turns: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    while True:
        sign = -1 if len(turns) % 2 == 0 else 1
        since = logs.loc[turns[-1][0] + wait :] if turns else logs
        best = (sign * since).cummax()
        at = pd.Series(np.where((sign * since) == best, since.index, pd.NaT), since.index)
        at = at[~best.duplicated()].reindex(since.index).ffill()
        old_enough = since.index - pd.DatetimeIndex(at) >= wait
        known = since.index[old_enough & (best - sign * since >= least - 1e-12).to_numpy()]
        known = known[known > turns[-1][1]] if turns else known
        if not len(known):
            return turns
        turns.append((pd.Timestamp(at[known[0]]), known[0]))
