"""Between tables and arrays: which dates to compute again, and null where a number is not one.

Nothing here reads or writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def stale_dates(inputs: pd.DataFrame, stored: pd.DataFrame, params_hash: str) -> set[Any]:
    """Dates of `inputs` that are not stored, or stored from an older batch or under other parameters.

    Both frames have date and _batch_id, `stored` also params_hash; any number of rows per date.
    """
    newest = inputs.groupby("date")["_batch_id"].max()
    current = stored[stored["params_hash"] == params_hash].groupby("date")["_batch_id"].max()
    return set(newest[newest > current.reindex(newest.index, fill_value=-1)].index)


def counted(names: Iterable[str]) -> str:
    """Names with how often each occurs, the commonest first: `binance_vision 74, okx 2`; empty without any."""
    found = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count}" for name, count in found)


def null_for_nan(table: pa.Table) -> pa.Table:
    """The same table with null for every NaN: databases sort and compare NaN as a number."""
    for at, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(at)
            table = table.set_column(at, field, pc.if_else(pc.is_nan(column), pa.scalar(None, field.type), column))
    return table
