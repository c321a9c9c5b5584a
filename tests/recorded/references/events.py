"""What followed the signals: every event's own regression by statsmodels, and random sessions drawn one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.regression.rolling import RollingOLS
from statsmodels.stats.multitest import multipletests

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, levels

_DRAWS = 999


def check_event_study(place: Place) -> None:
    """Abnormal returns of altcoins after each event of the newest night, under both models and over all horizons."""
    ours, events, altcoins, bitcoin = _night(place)
    for (signal, horizon), rows in ours.groupby(["signal", "horizon_sessions"]):
        kept = _apart(
            np.searchsorted(altcoins.index, np.unique(events.loc[events["signal"] == signal, "session_date"])), horizon
        )
        measured = [at for at in kept if at + horizon < len(altcoins) and at >= 252]
        told = {model: [_abnormal(altcoins, bitcoin, at, horizon, model) for at in measured] for model in rows["model"]}
        for _, row in rows.iterrows():
            abnormal = np.array([one for one in told[row["model"]] if np.isfinite(one)])
            assert (row["n_events"], row["n_measured"]) == (len(kept), len(abnormal))
            expected = [abnormal.mean(), (abnormal > 0).mean()]
            np.testing.assert_allclose(
                row[["mean_car", "share_positive"]].astype(float), expected, rtol=EXACT, atol=EXACT
            )


def check_what_random_sessions_give(place: Place) -> None:
    """p, base rates and the smallest visible effect, from random sessions of the same terciles of volatility."""
    ours, events, altcoins, bitcoin = _night(place)
    spread = altcoins.diff().rolling(21).std(ddof=0)
    tercile = pd.qcut(spread, 3, labels=False).to_numpy()
    rng = np.random.default_rng(1)
    for (horizon, model), rows in ours.groupby(["horizon_sessions", "model"]):
        car = _every_session(altcoins, bitcoin, int(horizon), model)
        drawable = np.isfinite(car) & np.isfinite(tercile)
        for _, row in rows.iterrows():
            days = np.unique(events.loc[events["signal"] == row["signal"], "session_date"])
            kept = [at for at in _apart(np.searchsorted(altcoins.index, days), horizon) if at < len(car)]
            kept = [at for at in kept if drawable[at]]
            drawn = [car[_instead_of(kept, tercile, drawable, int(horizon) + 1, rng)] for _ in range(_DRAWS)]
            means, shares = (np.array([measure(one) for one in drawn]) for measure in (np.mean, _positive))
            distance = abs(car[kept].mean() - means.mean())
            p = (1 + (np.abs(means - means.mean()) >= distance).sum()) / (1 + _DRAWS)
            # Both are drawn: 1,999 there, 999 here; four standard errors of the difference. The centre is drawn, too,
            # and near it p follows it as the normal density says.
            error = 4 * np.sqrt(1 / 1999 + 1 / _DRAWS)
            of_centre = 2 * stats.norm.pdf(distance / means.std())
            assert abs(row["p_value"] - p) <= error * (np.sqrt(max(p * (1 - p), 1 / _DRAWS)) + of_centre), row
            assert abs(row["base_rate"] - means.mean()) <= error * means.std(), row
            assert abs(row["base_share_positive"] - shares.mean()) <= error * shares.std(), row
            effect = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * means.std(ddof=1)
            assert abs(row["minimum_detectable"] / effect - 1) <= error / np.sqrt(2), row
    for _, family in ours.groupby("model"):
        adjusted = multipletests(family["p_value"], method="holm")[1]
        np.testing.assert_allclose(family["p_holm"], adjusted, rtol=EXACT, atol=EXACT)
        assert set(family["family_tests"]) == {len(family)}


def _night(place: Place) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
    """What was measured on the newest night, its events, and log levels of altcoins and Bitcoin by session."""
    ours = place.published("""
        select * from marts.signal_event_study where n_measured > 0
        and evaluation_date = (select max(evaluation_date) from marts.signal_event_study)""")
    assert set(ours["signal"]) >= {"fresh_ath", "pattern_breakout"}
    events = place.warehouse("select signal, session_date from intermediate.int_signal_events")
    price = np.exp(levels(place, ours["evaluation_date"].iloc[0]))
    return ours, events, np.log(price["total_ex_btc"]), np.log(price["total_cap"] - price["total_ex_btc"])


def _every_session(altcoins: pd.Series, bitcoin: pd.Series, horizon: int, model: str) -> np.ndarray:
    """The abnormal return of [1, horizon] after every session, by statsmodels' rolling regression."""
    y, x = altcoins.diff(), bitcoin.diff()
    columns = sm.add_constant(x.rename("x")) if model == "market_model" else pd.DataFrame({"const": 1.0}, x.index)
    columns = columns.where(x.notna() & y.notna())
    fit = RollingOLS(y, columns, window=232, min_nobs=209, missing="drop").fit(params_only=True)
    told = fit.params.shift(21)
    moved = altcoins.shift(-horizon) - altcoins - horizon * told["const"]
    if model == "market_model":
        moved -= told["x"] * (bitcoin.shift(-horizon) - bitcoin)
    return moved.to_numpy()


def _instead_of(
    events: list[int], tercile: np.ndarray, drawable: np.ndarray, step: int, rng: np.random.Generator
) -> np.ndarray:
    """As many random sessions of each tercile, every one a whole number of horizons from the others."""
    grid = np.arange(rng.integers(step), len(tercile), step)
    found = []
    for one in range(3):
        wanted = sum(tercile[at] == one for at in events)
        mine = grid[drawable[grid] & (tercile[grid] == one)]
        everywhere = np.flatnonzero(drawable & (tercile == one))
        pool = mine if len(mine) else everywhere
        found += list(rng.choice(pool, wanted, replace=len(mine) < wanted)) if wanted else []
    return np.array(found)


def _positive(values: np.ndarray) -> float:
    return float((values > 0).mean())


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
