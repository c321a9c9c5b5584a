"""Cointegration at every month-end: the pipeline tests it on the night alone, a reader asks whether it ever was."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from analytics.cointegration import engle_granger
from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import levels

SESSIONS = 504


@cache
def monthly_cointegration(place: Place) -> pd.DataFrame:
    """day and p, one row a month-end with two years of both levels behind it."""
    pair = levels(place)[["total_cap", "^RUT"]].dropna()
    ends = np.flatnonzero(pair.index.month[:-1] != pair.index.month[1:])
    ends = ends[ends >= SESSIONS - 1]
    windows = [pair.iloc[at - SESSIONS + 1 : at + 1].to_numpy() for at in ends]
    return pd.DataFrame({"day": pair.index[ends], "p": [engle_granger(*window.T).p_value for window in windows]})
