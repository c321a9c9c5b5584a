"""Writing one market file: Parquet in row groups, put in place only when it is whole.

Belongs here: the mechanics of a file. What is in it belongs to the module of its subject.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingestion.sandbox.files import FILES

Floats = NDArray[np.float64]

_ARROW = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
}


def write(directory: Path, name: str, groups: Iterable[Mapping[str, Any]]) -> int:
    """Write a market file, one row group per item (column name → values). Returns the rows written."""
    schema = pa.schema([(column, _ARROW[kind]) for column, kind in FILES[name].items()])
    path = directory / f"{name}.parquet"
    partial = directory / f".{name}.parquet.partial"
    rows = 0
    instants = [column for column, kind in FILES[name].items() if kind.startswith("TIMESTAMP")]
    with pq.ParquetWriter(
        partial,
        schema,
        compression="zstd",
        use_dictionary=[column for column in FILES[name] if column not in instants],
        column_encoding=dict.fromkeys(instants, "DELTA_BINARY_PACKED"),
    ) as writer:
        for group in groups:
            table = pa.table({field.name: _column(group[field.name], field.type) for field in schema}, schema=schema)
            writer.write_table(table, row_group_size=len(table) or None)
            rows += len(table)
    os.replace(partial, path)
    return rows


def _column(values: Any, kind: pa.DataType) -> Any:
    if isinstance(values, pa.Array):
        return values.cast(kind)
    if isinstance(values, np.ndarray) and pa.types.is_timestamp(kind):
        return pa.array(values.astype("datetime64[us]")).cast(kind)
    return pa.array(values, type=kind)


def significant(values: Floats, digits: int) -> Floats:
    """`values` (positive) rounded to a number of significant digits, the same way in every file."""
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.maximum(values, 1e-300))))
    rounded: Floats = np.round(values * scale) / scale
    return rounded
