"""Daily exchange flows of BTC and ETH over all exchanges, without a planted effect.

Belongs here: `exchange_flows`. Flows of tokens are single transfers and belong to `transfers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ingestion.sandbox.generator.coins import Caps

# Native units: a usual daily inflow, and what the exchanges hold at first.
_ASSETS = {"BTC": (46_000.0, 2.9e6), "ETH": (640_000.0, 22.0e6)}


def rows(caps: Caps, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A row group per asset; the reserve is the running sum of the netflow."""
    count = len(caps.days)
    for symbol, (usual, reserve) in _ASSETS.items():
        level = np.exp(rng.normal(0, 0.3, count))
        inflow = np.round(usual * level * np.exp(rng.normal(0, 0.04, count)), 8)
        outflow = np.round(usual * level * np.exp(rng.normal(0, 0.04, count)), 8)
        yield {
            "date": caps.days,
            "exchange": ["all_exchange"] * count,
            "symbol": [symbol] * count,
            "inflow_native": inflow,
            "outflow_native": outflow,
            "reserve_native": np.round(reserve + np.cumsum(inflow - outflow), 8),
        }
