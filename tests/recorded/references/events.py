"""What followed the signals: every event's own regression by statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, levels


def check_event_study(place: Place) -> None:
    """Abnormal returns of altcoins after each event of the newest night, under both models and over all horizons."""
    ours = place.published("""
        select * from marts.signal_event_study where n_measured > 0
        and evaluation_date = (select max(evaluation_date) from marts.signal_event_study)""")
    assert set(ours["signal"]) >= {"fresh_ath", "pattern_breakout"}
    night = ours["evaluation_date"].iloc[0]
    events = place.warehouse("select signal, session_date from intermediate.int_signal_events")
    price = np.exp(levels(place, night))
    altcoins, bitcoin = np.log(price["total_ex_btc"]), np.log(price["total_cap"] - price["total_ex_btc"])
    for (signal, horizon), rows in ours.groupby(["signal", "horizon_sessions"]):
        kept = _apart(
            np.searchsorted(price.index, np.unique(events.loc[events["signal"] == signal, "session_date"])), horizon
        )
        measured = [at for at in kept if at + horizon < len(price) and at >= 252]
        told = {model: [_abnormal(altcoins, bitcoin, at, horizon, model) for at in measured] for model in rows["model"]}
        for _, row in rows.iterrows():
            abnormal = np.array([one for one in told[row["model"]] if np.isfinite(one)])
            assert (row["n_events"], row["n_measured"]) == (len(kept), len(abnormal))
            expected = [abnormal.mean(), (abnormal > 0).mean()]
            np.testing.assert_allclose(row[["mean_car", "share_positive"]].astype(float), expected, atol=EXACT)


def _apart(events: np.ndarray, horizon: int) -> list[int]:
    kept: list[int] = []
    for at in events:
        if not kept or at - kept[-1] > horizon:
            kept.append(int(at))
    return kept


def _abnormal(altcoins: pd.Series, bitcoin: pd.Series, at: int, horizon: int, model: str) -> float:
    """Cumulative over [1, horizon] after the session; the model is that of the sessions 252 to 21 before it."""
    before = pd.concat([altcoins.diff(), bitcoin.diff()], axis=1).iloc[at - 252 : at - 20].dropna()
    if len(before) < 0.9 * 232:
        return np.nan
    y, x = before.to_numpy().T
    if model == "mean_adjusted":
        return float(altcoins.iloc[at + horizon] - altcoins.iloc[at] - horizon * y.mean())
    intercept, slope = sm.OLS(y, sm.add_constant(x)).fit().params
    moved = bitcoin.iloc[at + horizon] - bitcoin.iloc[at]
    return float(altcoins.iloc[at + horizon] - altcoins.iloc[at] - horizon * intercept - slope * moved)
