"""C5, C6: the planted gradient is found in the tiers, and without one the tests reject as often as they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from analytics.long_bias import bias, share_above
from analytics.trend_tests import jonckheere_terpstra, newey_west_mean, trend
from ingestion.sandbox.generator import coins, ratios
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, at_rate, shown, uniform

PROJECT = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
VARS = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]
# The perpetuals of a generated market: so many of each tier, spread over its ranks.
RANKS = np.concatenate([np.linspace(first, last, count) for count, first, last in coins.TIERS])
TIERS = np.searchsorted(list(VARS["caps"]["tiers"].values()), RANKS)
PERMUTATIONS = 999
DAYS, KEPT, LAGS = 152, 0.9, VARS["claims_coins"]["newey_west_lags"]
FEWEST_DAYS, FEWEST_FORWARD_DAYS = VARS["claims_coins"]["min_days"], VARS["claims_coins"]["min_forward_days"]
REJECTS = "mean of daily slopes rejects zero at 5 %"


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_no_gradient(grid), *_intervals(grid), *_means_over_time(grid)]


def _planted(grid: Grid) -> list[Proof]:
    """One day of a generated market, at the strength with which the generator plants the two gradients."""
    found = []
    for name in ("global_account", "top_account"):
        kind = ratios.KINDS[name]
        rng = series.generator("planted gradient", name)
        signs, tests = [], []
        for _ in range(grid.planted):
            log_cap, log_ratio = _day(kind, rng, null=False)
            slopes = trend(log_cap, log_ratio)
            signs.append(slopes.spearman_rho < 0 and slopes.theil_sen_slope < 0)
            tests.append(jonckheere_terpstra(log_ratio, TIERS, rng, PERMUTATIONS).p_value < 0.05)
        setting = f"{len(RANKS)} coins, ln R falls by {-kind.slope} per unit of ln cap"
        found.append(at_least("the sign of the gradient is the planted one", setting, signs, 0.99))
        found.append(at_least("Jonckheere-Terpstra finds it, p < 0.05", setting, tests, 0.99))
    return found


def _no_gradient(grid: Grid) -> list[Proof]:
    rng = series.generator("no gradient")
    ordered, ranks, above = [], [], []
    for _ in range(grid.null):
        log_cap, log_ratio = _day(ratios.KINDS["global_account"], rng, null=True)
        ordered.append(jonckheere_terpstra(log_ratio, TIERS, rng, PERMUTATIONS).p_value)
        ranks.append(trend(log_cap, log_ratio).spearman_p)
        above.append(_drawn_p(int((log_ratio > 0).sum()), rng))
    setting = f"{len(RANKS)} coins, no gradient"
    proofs = []
    for name, p in (
        ("Jonckheere-Terpstra by permutation", ordered),
        ("Spearman's rank correlation", ranks),
        ("share of coins above 1, ties drawn", above),
    ):
        proofs.append(uniform(name, setting, p))
        proofs.append(at_rate(f"{name} rejects at 5 %", setting, np.array(p) <= 0.05, 0.05))
    return proofs


def _drawn_p(above: int, rng: np.random.Generator) -> float:
    """The exact p takes few values: where it lies between its own and the next smaller one is drawn."""
    p = share_above(above, len(RANKS)).p_value
    smaller = share_above(above + 1, len(RANKS)).p_value if above < len(RANKS) else 0.0
    return smaller + rng.uniform() * (p - smaller)


def _intervals(grid: Grid) -> list[Proof]:
    """The bootstrap interval of a median ratio, over the coins of one tier and over all of them."""
    found = []
    for n in (8, 20, len(RANKS)):
        rng = series.generator("median", n)
        covered = []
        for _ in range(2 * grid.planted):
            one = bias(np.exp(0.3 + rng.normal(0, 0.13, n)), rng)
            covered.append(one.ci_low <= np.exp(0.3) <= one.ci_high)
        what, setting = "interval of the median ratio covers the planted 1.35", f"{n} coins"
        if n == len(RANKS):
            found.append(at_rate(what, setting, covered, 0.95))
        else:
            found.append(shown(what, setting, float(np.mean(covered)), len(covered)))
    return found


def _means_over_time(grid: Grid) -> list[Proof]:
    """Daily coefficients whose neighbours are alike, and that are zero in the mean."""
    found = []
    for kept in (0.0, 0.5, KEPT):
        rng = series.generator("mean over time", kept)
        p = [newey_west_mean(_wave(DAYS, kept, rng), LAGS).p_value for _ in range(grid.null)]
        setting = f"{DAYS} days, autocorrelation {kept}, {LAGS} lags"
        if kept == KEPT:
            found.append(_size(setting, p))
            continue
        found.append(uniform("mean of daily slopes", setting, p))
        found.append(at_rate(REJECTS, setting, np.array(p) < 0.05, 0.05))
    # Where few days are independent the error is still found too small. Where outcomes overlap it is too large in many
    # days and too small in few.
    rng = series.generator("mean over few days")
    p = [newey_west_mean(_wave(FEWEST_DAYS, KEPT, rng), LAGS).p_value for _ in range(grid.null)]
    found.append(_size(f"{FEWEST_DAYS} days, autocorrelation {KEPT}, {LAGS} lags", p))
    for kept in (KEPT, 0.95):
        rng = series.generator("mean over the fewest forward days", kept)
        p = [newey_west_mean(_wave(FEWEST_FORWARD_DAYS, kept, rng), LAGS).p_value for _ in range(grid.null)]
        found.append(_size(f"{FEWEST_FORWARD_DAYS} days, autocorrelation {kept}, {LAGS} lags", p))
    horizons = VARS["claims_coins"]["forward_days"][1:]
    for labels, days, horizon in (
        *(((horizon,), DAYS, horizon) for horizon in horizons),
        ((horizons[-1], FEWEST_FORWARD_DAYS), FEWEST_FORWARD_DAYS, horizons[-1]),
    ):
        rng = series.generator("mean of overlapping outcomes", *labels)
        p = [newey_west_mean(_overlapping(days, horizon, rng), LAGS).p_value for _ in range(grid.null)]
        found.append(_size(f"{days} days, outcomes of {horizon} days that overlap, {LAGS} lags", p))
    return found


def _size(setting: str, p: list[float]) -> Proof:
    return shown(REJECTS, setting, float(np.mean(np.array(p) < 0.05)), len(p))


def _wave(days: int, kept: float, rng: np.random.Generator) -> series.Floats:
    steps = rng.normal(size=days + 100)
    for day in range(1, len(steps)):
        steps[day] = kept * steps[day - 1] + np.sqrt(1 - kept**2) * steps[day]
    return steps[100:]


def _overlapping(days: int, horizon: int, rng: np.random.Generator) -> series.Floats:
    """What happens in the `horizon` days after each of `days` days, none of it foreseen."""
    return np.convolve(rng.normal(size=days + horizon - 1), np.ones(horizon), mode="valid")


def _day(kind: ratios.Kind, rng: np.random.Generator, *, null: bool) -> tuple[series.Floats, series.Floats]:
    """ln cap and ln R of every perpetual's coin."""
    log_cap = np.log(coins.cap_at_rank(RANKS)) + rng.normal(0, 0.1, len(RANKS))
    return log_cap, ratios.daily(kind, log_cap[None], rng, null=null)[0]
