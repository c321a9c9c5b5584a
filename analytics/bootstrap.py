"""Stationary bootstrap: resamples of dependent series in blocks of random length (Politis & Romano 1994).

Belongs here: which positions a resample takes. What is computed on it is the caller's statistic.
"""

from __future__ import annotations

import numpy as np
from arch.bootstrap import optimal_block_length
from numpy.typing import NDArray

Series = NDArray[np.float64]


def block_length(*series: Series) -> int:
    """The longest of the block lengths that suit each series, each (n,), rounded up (Politis & White 2004,
    corrected 2009).

    At least 1 and at most a third of the series, beyond which resamples would repeat the sample.
    """
    found = [float(optimal_block_length(values)["stationary"].iloc[0]) for values in series]
    finite = [length for length in found if np.isfinite(length)]
    return int(np.clip(np.ceil(max(finite, default=1.0)), 1, max(len(series[0]) // 3, 1)))


def resampled_positions(n: int, block: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions 0 … n−1 of `draws` resamples, shape (draws, n), in blocks of mean length `block` that wrap around.

    All draws at once: arch's StationaryBootstrap makes the same draws one by one, at eight times the cost, which counts
    where thousands are made for every month of history. A test holds the two together.
    """
    start = rng.integers(n, size=(draws, n), dtype=np.int64)
    begins = rng.random((draws, n)) <= 1 / block
    begins[:, 0] = True
    here = np.arange(n, dtype=np.int32)
    began = np.maximum.accumulate(np.where(begins, here, np.int32(0)), axis=1)
    positions: NDArray[np.int64] = (np.take_along_axis(start, began, axis=1) + here - began) % n
    return positions


def percentile_interval(values: Series, confidence: float) -> tuple[float, float]:
    """The middle `confidence` of resampled values; NaN among them, a resample without spread, is left out."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
