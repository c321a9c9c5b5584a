"""What a dbt Python model is told and what it already holds: the head of models that compute only what has changed.

Belongs here: parameters with their hash, and the stored hashes. `dbt.ref` and `dbt.config.get` stay in the model, where
dbt looks for them. What needs computing again follows in `market.stale`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pandas as pd


def parameters(text: str) -> tuple[dict[str, Any], str]:
    """The values of a group of dbt vars given as JSON, and the hash that rows computed with them carry."""
    return json.loads(text), hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def stored_windows(dbt: Any, session: Any, day: str) -> pd.DataFrame | None:
    """What an incremental dbt model already holds: each `day` with the hashes of its inputs and parameters; None when
    it is built from nothing. `dbt` and `session` are what dbt-duckdb hands to a Python model."""
    if not dbt.is_incremental:
        return None
    hashes = "max(inputs_hash) as inputs_hash, max(params_hash) as params_hash"
    found: pd.DataFrame = session.table(str(dbt.this)).aggregate(f"{day}, {hashes}").df()
    return found
