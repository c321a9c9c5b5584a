"""Cointegration: against arch's independent implementation, planted pairs, and the verdicts that C3's levels get."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arch.unitroot import ADF, KPSS
from arch.unitroot.cointegration import engle_granger as archs

from analytics import level_claims
from analytics.claims import family
from analytics.cointegration import engle_granger, unit_root

ALPHA, NULL_SD, STRONG = 0.05, 0.48, 0.5


def walks(seed: int, n: int = 504) -> tuple[np.ndarray, np.ndarray]:
    """Two independent ones, of the size of log prices."""
    steps = np.random.default_rng(seed).normal(0, [0.01, 0.03], (n, 2))
    x, y = np.cumsum(steps, axis=0).T
    return x + 7.5, y + 28


def tied(seed: int, slope: float, n: int = 504) -> tuple[np.ndarray, np.ndarray]:
    """A walk and what follows it, but for a gap that closes with a half-life of five sessions."""
    rng = np.random.default_rng(seed)
    x, gap = np.cumsum(rng.normal(0, 0.01, n)), np.zeros(n)
    for t in range(1, n):
        gap[t] = 0.87 * gap[t - 1] + rng.normal(0, 0.01)
    return x + 7.5, 28 + slope * x + gap


def judged(x: np.ndarray, y: np.ndarray) -> dict[str, str]:
    """The verdict of every measure of the levels, the test alone in its family."""
    found = level_claims.levels(x, y, 504, 0.9, "2026-01-16")
    conditions, ruled_out = level_claims.conditions(found, ALPHA)
    tested = level_claims.cointegration(found, ruled_out)
    (shared,) = family([tested], lambda finding, p: level_claims.judged(finding, p, ALPHA))
    rows = [shared, level_claims.level_correlation(found, shared, NULL_SD, STRONG), *conditions]
    assert all(row.reason for row in rows)
    return {row.metric: row.verdict for row in rows}


@pytest.mark.filterwarnings("ignore:Lag selection:DeprecationWarning")
@pytest.mark.parametrize("pair", [walks(1), tied(2, 1.0)], ids=["walks", "tied"])
def test_the_statistics_are_those_of_another_library(pair: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = pair
    ours, theirs = engle_granger(y, x), archs(y, x, trend="c", method="aic")
    assert ours.statistic == pytest.approx(theirs.stat, abs=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=2e-3)  # another edition of MacKinnon's table
    assert ours.slope == pytest.approx(theirs.cointegrating_vector.iloc[1] * -1, abs=1e-9)
    root = unit_root(x)
    assert root.adf == pytest.approx(ADF(x, trend="c", method="aic").stat, abs=1e-9)
    assert root.kpss == pytest.approx(KPSS(x, trend="c").stat, abs=1e-9)


def test_levels_that_share_a_path_make_their_correlation_say_something() -> None:
    verdicts = judged(*tied(3, 1.5))
    assert verdicts["cointegration"] == verdicts["level_correlation"] == "supported"


def test_levels_that_move_oppositely_speak_against_the_claim() -> None:
    verdicts = judged(*tied(4, -1.5))
    assert verdicts["cointegration"] == "not_supported"
    assert verdicts["level_correlation"] == "artefact"


def test_levels_that_share_nothing_are_an_artefact_however_high_they_correlate() -> None:
    seed = next(seed for seed in range(100) if np.corrcoef(*walks(seed))[0, 1] > 0.7)
    verdicts = judged(*walks(seed))
    assert verdicts["cointegration"] == "inconclusive"
    assert verdicts["level_correlation"] == "artefact"
    assert set(verdicts) == {
        *("cointegration", "level_correlation", "adf:rut", "kpss:rut", "adf:total_cap", "kpss:total_cap")
    }


def test_a_level_without_a_unit_root_is_not_tested_for_cointegration() -> None:
    noise = 28 + np.random.default_rng(5).normal(0, 0.03, 504)
    found = level_claims.levels(walks(5)[0], noise, 504, 0.9, "2026-01-16")
    _, ruled_out = level_claims.conditions(found, ALPHA)
    assert ruled_out == "the level of total crypto cap has no unit root"
    assert level_claims.cointegration(found, ruled_out).verdict == "not_testable"


def test_too_few_levels_are_no_data_and_a_flat_one_is_no_test() -> None:
    x, y = walks(6)
    x[:60] = np.nan
    assert set(judged(x, y).values()) == {"not_testable"}
    assert set(judged(np.full(504, 7.5), y).values()) == {"not_testable"}


def test_what_cannot_be_tested_is_refused() -> None:
    x, y = walks(7)
    for wrong in (x[:49], np.where(np.arange(504) == 3, np.nan, x), np.ones(504)):
        with pytest.raises(ValueError, match=r"levels are there|does not move"):
            unit_root(wrong)
    with pytest.raises(ValueError, match="equal length"):
        engle_granger(y, x[1:])


def test_the_p_of_the_family_decides_and_not_the_own_one() -> None:
    found = level_claims.levels(*tied(3, 1.5), 504, 0.9, "2026-01-16")
    tested = level_claims.cointegration(found, "")
    assert level_claims.judged(tested, 0.051, ALPHA).verdict == "inconclusive"
    assert level_claims.judged(replace(tested), 0.049, ALPHA).verdict == "supported"
