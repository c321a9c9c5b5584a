"""Correlations: scipy, statsmodels and arch on the same windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.api as sm
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW
from statsmodels.tsa.stattools import acf, coint

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, NIGHT, levels, returns

DATES = [NIGHT, *pd.to_datetime(["2018-10-31", "2020-03-20", "2022-06-15", "2025-04-09"])]
WINDOWS = (21, 63, 126, 252)


def _rows(place: Place, method: str) -> pd.DataFrame:
    days = ", ".join(f"date '{day:%Y-%m-%d}'" for day in DATES)
    rows = place.published(
        f"""
        select * from marts.equity_crypto_correlation
        where equity_symbol in ('^RUT', 'IWM') and crypto_series = 'total_cap' and method = '{method}'
          and correlation is not null and session_date in ({days})""",
        f"{NIGHT:%Y-%m-%d}",
    )
    assert len(rows) >= 2 * len(DATES) * (2 if method == "weekly" else len(WINDOWS)) - 2
    return rows


def _window(place: Place, row: pd.Series) -> pd.DataFrame:
    """Returns of the equity, crypto and the S&P 500 in the row's window, the pairs that are whole."""
    named = returns(place)[[row["equity_symbol"], "total_cap", "^GSPC"]].set_axis(["x", "y", "control"], axis=1)
    return named.loc[: row["session_date"]].iloc[-row["window_sessions"] :].dropna(subset=["x", "y"])


def _effective(x: np.ndarray, y: np.ndarray, pairs: float) -> float:
    product = float(np.prod([acf(series, nlags=1, adjusted=False)[1] for series in (x, y)]))
    return min(pairs, pairs * (1 - product) / (1 + product))


def _fisher(r: float, n_eff: float, variance: float = 1.0) -> tuple[float, float]:
    half = stats.norm.ppf(0.975) * np.sqrt(variance / max(n_eff - 3, 1))
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def _compare(
    row: pd.Series, window: pd.DataFrame, transform: Callable[[pd.Series], np.ndarray], variance: float = 1.0
) -> None:
    """Correlation, interval, partial correlation and incremental R² of transformed returns."""
    x, y = transform(window["x"]), transform(window["y"])
    r, n_eff = float(stats.pearsonr(x, y).statistic), _effective(x, y, len(x))
    expected = [r, *_fisher(r, n_eff, variance), len(x), n_eff]
    np.testing.assert_allclose(
        row[["correlation", "ci_low", "ci_high", "n", "n_eff"]].astype(float), expected, atol=EXACT, rtol=EXACT
    )
    three = window.dropna()
    x, y, control = (transform(three[name]) for name in ("x", "y", "control"))
    alone = sm.add_constant(control)
    residuals = [sm.OLS(series, alone).fit().resid for series in (x, y)]
    both = sm.OLS(y, np.column_stack([alone, x])).fit().rsquared - sm.OLS(y, alone).fit().rsquared
    expected = [float(stats.pearsonr(*residuals).statistic), both]
    np.testing.assert_allclose(
        row[["partial_correlation", "incremental_r2"]].astype(float), expected, rtol=EXACT, atol=EXACT
    )


def check_pearson(place: Place) -> None:
    for _, row in _rows(place, "pearson").iterrows():
        _compare(row, _window(place, row), np.asarray)


def check_spearman(place: Place) -> None:
    for _, row in _rows(place, "spearman").iterrows():
        window = _window(place, row)
        _compare(row, window, stats.rankdata, variance=1.06)
        assert abs(row["correlation"] - stats.spearmanr(window["x"], window["y"]).statistic) < EXACT


def check_winsorised(place: Place) -> None:
    for _, row in _rows(place, "winsorised").iterrows():
        _compare(row, _window(place, row), lambda series: np.clip(series, *np.quantile(series, [0.01, 0.99])))


def check_ewma(place: Place) -> None:
    """Weights by sessions, and the effective number of Kish; its autocorrelations are those of the plain returns."""
    for _, row in _rows(place, "ewma").iterrows():
        named = returns(place)[[row["equity_symbol"], "total_cap", "^GSPC"]]
        window = named.loc[: row["session_date"]].iloc[-row["window_sessions"] :]
        weights = 0.94 ** np.arange(len(window) - 1, -1, -1)
        kept = window.notna().all(axis=1)
        data, weights = window[kept].to_numpy(), weights[kept]
        r = DescrStatsW(data, weights).corrcoef
        n_eff = _effective(data[:, 0], data[:, 1], weights.sum() ** 2 / (weights**2).sum())
        partial = (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
        expected = [r[0, 1], *_fisher(r[0, 1], n_eff), n_eff, partial]
        names = ["correlation", "ci_low", "ci_high", "n_eff", "partial_correlation"]
        np.testing.assert_allclose(row[names].astype(float), expected, atol=EXACT, rtol=EXACT)


def check_weekly(place: Place) -> None:
    """Returns between the last sessions of consecutive weeks, both inside the window."""
    prices = levels(place)
    weeks = prices.groupby(prices.index.to_period("W")).tail(1)
    changes = weeks.diff()
    start = weeks.index.to_series().shift()
    for _, row in _rows(place, "weekly").iterrows():
        sessions = prices.loc[: row["session_date"]].index[-row["window_sessions"] :]
        # A week is inside when it starts in the window; the first return starts from the session before it.
        first = prices.index[max(prices.index.get_loc(sessions[0]) - 1, 0)]
        inside = (start >= first) & (weeks.index <= row["session_date"])
        window = changes[inside].set_axis(changes.columns, axis=1)
        window = window[[row["equity_symbol"], "total_cap", "^GSPC"]].set_axis(["x", "y", "control"], axis=1)
        _compare(row, window.dropna(subset=["x", "y"]), np.asarray)


def check_adjusted_for_volatility(place: Place) -> None:
    """Forbes and Rigobon's formula on numpy's variances."""
    for _, row in _rows(place, "pearson").iterrows():
        moves = returns(place)[row["equity_symbol"]].loc[: row["session_date"]]
        high, low = (np.var(moves.iloc[-n:].dropna(), ddof=1) for n in (row["window_sessions"], 504))
        delta = high / low - 1
        expected = [high / low, row["correlation"] / np.sqrt(1 + delta * (1 - row["correlation"] ** 2))]
        np.testing.assert_allclose(
            row[["variance_ratio", "volatility_adjusted"]].astype(float), expected, rtol=EXACT, atol=EXACT
        )


def check_bootstrap_interval(place: Place) -> None:
    """arch's stationary bootstrap with its own draws, and the block its own rule asks for."""
    rows = _rows(place, "pearson")
    row = (
        rows[(rows["session_date"] == NIGHT) & (rows["window_sessions"] == 126)].set_index("equity_symbol").loc["^RUT"]
    )
    window = _window(place, pd.Series({**row, "equity_symbol": "^RUT"}))
    series = returns(place).loc[:NIGHT, ["^RUT", "^GSPC", "IWM", "total_cap", "total_ex_btc", "btc"]].iloc[-126:]
    asked = [optimal_block_length(series[name].dropna())["stationary"].iloc[0] for name in series]
    assert row["bootstrap_block"] == np.ceil(max(asked))
    bootstrap = StationaryBootstrap(row["bootstrap_block"], window[["x", "y"]].to_numpy(), seed=1)
    drawn = bootstrap.apply(lambda pairs: np.corrcoef(pairs.T)[0, 1], 1999)[:, 0]
    quantiles = np.quantile(drawn, [0.025, 0.975])
    # Each end is a quantile of 1999 draws: its standard error is about 0.06 of a standard deviation, in both.
    np.testing.assert_allclose(
        row[["bootstrap_low", "bootstrap_high"]].astype(float), quantiles, atol=0.35 * drawn.std()
    )


def check_the_claim(place: Place) -> None:
    """C3: each correlation with its p by scipy, Holm's over the five tests by statsmodels, intervals by arch."""
    ours = place.published(f"""
        select * from marts.claim_measures where claim_id = 'C3' and evaluation_date = date '{NIGHT:%Y-%m-%d}'""")
    ours = ours.set_index("metric")
    tested = [f"{name}_{window}" for window in (63, 252) for name in ("pearson", "partial_given_gspc")]
    plain = []
    for metric in tested:
        window = returns(place)[["^RUT", "total_cap", "^GSPC"]].iloc[-int(metric.rsplit("_", 1)[1]) :].dropna()
        x, y = window.to_numpy().T[:2]
        n_eff, controls = _effective(x, y, len(x)), int(metric.startswith("partial"))

        def r(rows: np.ndarray, *, partial: bool = bool(controls)) -> float:
            matrix = np.corrcoef(rows.T)
            inverse = np.linalg.inv(matrix)
            return float(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]) if partial else matrix[0, 1])

        value = r(window.to_numpy())
        np.testing.assert_allclose(ours.loc[metric, ["value", "n_eff"]].astype(float), [value, n_eff], rtol=EXACT)
        plain.append(2 * stats.norm.sf(abs(np.arctanh(value)) * np.sqrt(n_eff - 3 - controls)))
        block = np.ceil(optimal_block_length(np.column_stack([x, y]))["stationary"].max())
        drawn = StationaryBootstrap(max(block, 1), window.to_numpy(), seed=1).apply(r, 1999)[:, 0]
        # Each end is a quantile of 1999 draws, in both: as for the bootstrap interval above.
        np.testing.assert_allclose(
            ours.loc[metric, ["ci_low", "ci_high"]].astype(float), np.quantile(drawn, [0.025, 0.975]),
            atol=0.35 * drawn.std(),
        )  # fmt: skip
    pair = levels(place)[["^RUT", "total_cap"]].iloc[-504:].dropna()
    plain.append(float(coint(pair["total_cap"], pair["^RUT"], autolag="aic")[1]))
    adjusted = multipletests(plain, method="holm")[1]
    np.testing.assert_allclose(ours.loc[[*tested, "cointegration"], "p_value"], adjusted, rtol=1e-7)


def check_p_across_claims(place: Place) -> None:
    """Benjamini and Hochberg's by statsmodels, over the claims that have a p, the same four each night."""
    ours = place.published("select * from marts.claims where p_value is not null")
    assert not ours.empty
    for _, night in ours.groupby("evaluation_date"):
        assert sorted(night["claim_id"]) == ["C2", "C3", "C4", "C9"]
        adjusted = multipletests(night["p_value"], method="fdr_bh")[1]
        np.testing.assert_allclose(night["p_across_claims"], adjusted, rtol=EXACT)
        assert set(night["claims_tested"]) == {len(night)}
