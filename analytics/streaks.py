"""Streaks of outperformance and what chance alone gives.

Belongs here: run lengths and the exact null distributions of the longest run.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


def streak_lengths(excess: NDArray[np.float64]) -> NDArray[np.int64]:
    """Sessions in a row with a positive excess return, up to and including each session.

    `excess` has shape (n,), in log or simple units; a tie, a loss and a missing value (NaN) all end the streak.
    """
    lengths = np.zeros(len(excess), dtype=np.int64)
    current = 0
    for position, value in enumerate(excess):
        current = current + 1 if value > 0 else 0
        lengths[position] = current
    return lengths


class Chance(NamedTuple):
    """What shuffled signs give for each session, and beside it a fair coin; all of shape (n,).

    Both probabilities are NaN without a streak or a covered window.
    """

    sessions: NDArray[np.int64]
    wins: NDArray[np.int64]
    p_value: NDArray[np.float64]
    fair_coin_p: NDArray[np.float64]


def chance_of_streaks(
    excess: NDArray[np.float64], lengths: NDArray[np.int64], window: int, min_coverage: float
) -> Chance:
    """For each session P(longest run in the `window` sessions up to it ≥ its streak), the same wins in random order,
    and as many tosses of a fair coin.

    `excess` (n,) in any unit, NaN is missing; `lengths` (n,) are the streaks, 0 is none. Exact.
    """
    known = _trailing_count(np.isfinite(excess), window)
    wins = _trailing_count(excess > 0, window)
    p_value, fair = np.full((2, len(excess)), np.nan)
    for at in np.flatnonzero((lengths > 0) & (known >= min_coverage * window)):
        p_value[at] = _p_cached(int(known[at]), int(wins[at]), int(lengths[at]))
        fair[at] = _fair_cached(int(known[at]), int(lengths[at]))
    return Chance(known, wins, p_value, fair)


def p_longest_run_permuted(sessions: int, wins: int, length: int) -> float:
    """P(longest run of wins ≥ `length`) when `wins` of `sessions` are wins, in random order (sign permutation).

    Exact: the arrangements without such a run place the wins in the `sessions − wins + 1` gaps between losses, each
    gap below `length`, counted by inclusion and exclusion. Raises `ValueError` for impossible counts.
    """
    _check(sessions, length)
    if not 0 <= wins <= sessions:
        raise ValueError(f"wins must lie between 0 and {sessions}, not {wins}")
    return float(1 - Fraction(_arrangements_below(sessions, wins, length), comb(sessions, wins)))


def expected_longest_run(sessions: int, wins: int) -> float:
    """Mean length of the longest run of wins when `wins` of `sessions` are wins, in random order: Σ P(longest ≥ L)."""
    return sum(p_longest_run_permuted(sessions, wins, length) for length in range(1, wins + 1))


def p_longest_run_fair(sessions: int, length: int) -> float:
    """P(longest run of heads ≥ `length`) in `sessions` tosses of a fair coin, exact."""
    _check(sessions, length)
    below = sum(_arrangements_below(sessions, wins, length) for wins in range(sessions + 1))
    return float(1 - Fraction(below, 2**sessions))


def _trailing_count(flags: NDArray[np.bool_], window: int) -> NDArray[np.int64]:
    total = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
    counts: NDArray[np.int64] = total[1:] - total[np.maximum(np.arange(1, len(total)) - window, 0)]
    return counts


@cache
def _p_cached(sessions: int, wins: int, length: int) -> float:
    return p_longest_run_permuted(sessions, wins, length)


@cache
def _fair_cached(sessions: int, length: int) -> float:
    return p_longest_run_fair(sessions, length)


def _arrangements_below(sessions: int, wins: int, length: int) -> int:
    gaps = sessions - wins + 1
    return sum(
        (-1) ** filled * comb(gaps, filled) * comb(sessions - filled * length, sessions - wins)
        for filled in range(wins // length + 1)
    )


def _check(sessions: int, length: int) -> None:
    if sessions < 1 or length < 1:
        raise ValueError(f"sessions and length must be at least 1, not {sessions} and {length}")
