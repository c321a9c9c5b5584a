"""Streaks: rows a person can check, every short sequence counted, and the published figures of January 2026."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.streaks import (
    chance_of_streaks,
    expected_longest_run,
    p_longest_run_fair,
    p_longest_run_permuted,
    streak_lengths,
)

MARKET = Path(__file__).parents[3] / "shared" / "real_market"


def test_a_tie_a_loss_and_a_missing_value_end_a_streak() -> None:
    excess = np.array([1.0, 2.0, 0.0, 1.0, -1.0, 3.0, np.nan, 1.0, 1.0, 1.0])
    assert streak_lengths(excess).tolist() == [1, 2, 0, 1, 0, 1, 0, 1, 2, 3]


@given(st.lists(st.floats(-1, 1), max_size=40), st.integers(0, 40))
def test_cutting_the_future_changes_no_earlier_streak(excess: list[float], cut: int) -> None:
    whole = streak_lengths(np.array(excess))
    assert streak_lengths(np.array(excess[:cut])).tolist() == whole[:cut].tolist()


@pytest.mark.parametrize("sessions", range(1, 11))
def test_the_exact_formula_agrees_with_counting_every_sequence(sessions: int) -> None:
    sequences = [np.array(signs, dtype=float) for signs in product((0, 1), repeat=sessions)]
    longest = np.array([streak_lengths(signs).max() for signs in sequences])
    wins = np.array([int(signs.sum()) for signs in sequences])
    for length in range(1, sessions + 1):
        assert p_longest_run_fair(sessions, length) == pytest.approx(np.mean(longest >= length), abs=1e-12)
        for count in range(sessions + 1):
            expected = np.mean(longest[wins == count] >= length)
            assert p_longest_run_permuted(sessions, count, length) == pytest.approx(expected, abs=1e-12)
    for count in range(sessions + 1):
        assert expected_longest_run(sessions, count) == pytest.approx(longest[wins == count].mean(), abs=1e-12)


def test_what_a_fair_coin_gives_in_a_year() -> None:
    assert p_longest_run_fair(252, 9) == pytest.approx(0.215, abs=0.0006)
    assert p_longest_run_fair(252, 14) == pytest.approx(0.007, abs=0.0006)


@pytest.mark.parametrize(("sessions", "wins", "length"), [(0, 0, 1), (5, 6, 1), (5, -1, 1), (5, 2, 0)])
def test_impossible_counts_are_refused(sessions: int, wins: int, length: int) -> None:
    with pytest.raises(ValueError, match="must"):
        p_longest_run_permuted(sessions, wins, length)


def test_the_chance_of_a_streak_uses_only_the_window_up_to_it() -> None:
    excess = np.array([1.0, -1.0, 1.0, 1.0, np.nan, 1.0, -1.0])
    found = chance_of_streaks(excess, np.array([1, 0, 1, 2, 0, 1, 0]), 4, 0.75)
    assert found.sessions.tolist() == [1, 2, 3, 4, 3, 3, 3]
    assert found.wins.tolist() == [1, 1, 2, 3, 2, 3, 2]
    expected = [np.nan, np.nan, 1.0, p_longest_run_permuted(4, 3, 2), np.nan, 1.0, np.nan]
    np.testing.assert_allclose(found.p_value, expected)
    # Of three tosses 7 in 8 have a head; of four 8 in 16 have two in a row.
    np.testing.assert_allclose(found.fair_coin_p, [np.nan, np.nan, 7 / 8, 8 / 16, np.nan, 7 / 8, np.nan])


def test_streaks_of_shuffled_signs_are_as_rare_as_stated() -> None:
    """Of years with 126 wins, a share p has a run as long as the one that has probability p."""
    rng = np.random.default_rng(11)
    signs = np.array([1.0] * 126 + [-1.0] * 126)
    longest = np.array([streak_lengths(rng.permutation(signs)).max() for _ in range(400)])
    for length in (7, 9):
        p = p_longest_run_permuted(252, 126, length)
        assert abs((longest >= length).mean() - p) < 4 * np.sqrt(p * (1 - p) / 400)


@pytest.mark.skipif(not MARKET.is_dir(), reason="the recorded market is not beside this checkout")
def test_the_streak_of_january_2026_on_the_recorded_market() -> None:
    bars = pd.read_csv(MARKET / "equity_bars.csv", parse_dates=["session_date"])
    closes = bars.pivot_table(index="session_date", columns="symbol", values="close")[["^RUT", "^GSPC"]].dropna()
    returns = np.log(closes).diff()
    excess = (returns["^RUT"] - returns["^GSPC"]).to_numpy(dtype=np.float64)
    streaks = pd.Series(streak_lengths(excess), index=closes.index)
    assert [streaks[day] for day in ("2026-01-14", "2026-01-16", "2026-01-22")] == [9, 11, 14]
    earlier = streaks[:"2026-01-13"]
    assert str(earlier[earlier >= 9].index[-1].date()) == "2017-09-01"
