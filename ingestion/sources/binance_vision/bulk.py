"""Reading thousands of metrics files by one parse: a file then costs its unpacking, and nothing else.

Belongs here: what is the same for all files of a batch. A batch in which any file is not exactly like the others is not
judged here: the caller reads each file alone then (`parse`), which says what is wrong with which.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from ingestion.errors import BadPayloadError
from ingestion.sources.binance_vision.models import METRICS
from ingestion.sources.binance_vision.parse import (
    FIRST_END_LABEL,
    METRIC_COLUMNS,
    METRIC_OPTIONS,
    only_member,
)

_DAY = int(timedelta(days=1) / timedelta(microseconds=1))
_FIRST_END = (FIRST_END_LABEL.hour * 60 + FIRST_END_LABEL.minute) * 60 * 1_000_000


def parse_metrics_together(files: Sequence[tuple[bytes, str, date]]) -> list[pa.Table] | None:
    """The rows of each file (body, symbol, day), as `parse_metrics` gives them; None where one must be read alone."""
    try:
        texts = [only_member(body, f"{symbol}-metrics-{day}.csv") for body, symbol, day in files]
        counts = _rows_of_each(texts)
        if counts is None:
            return None
        header = texts[0].index(b"\n") + 1
        joined = b"".join([texts[0][:header], *(memoryview(text)[header:] for text in texts)])
        del texts
        rows = csv.read_csv(pa.BufferReader(joined), convert_options=METRIC_OPTIONS).combine_chunks()
        return _apart(rows, counts, files)
    except (BadPayloadError, pa.ArrowException, ValueError):
        return None


def _rows_of_each(texts: Sequence[bytes]) -> NDArray[np.int64] | None:
    """How many rows each text has; None unless all have the same header, some rows, and plain lines to their end."""
    header = texts[0][: texts[0].index(b"\n") + 1]
    plain = all(text.startswith(header) and text.endswith(b"\n") and b'"' not in text for text in texts)
    counts = np.array([text.count(b"\n") - 1 for text in texts])
    return counts if plain and counts.min() > 0 else None


def _apart(
    rows: pa.Table, counts: NDArray[np.int64], files: Sequence[tuple[bytes, str, date]]
) -> list[pa.Table] | None:
    """The table of all rows cut into its files; None when they are not where, or not what, they should be."""
    if rows.num_rows != counts.sum() or rows["create_time"].null_count:
        return None
    names = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(np.arange(len(files), dtype=np.int32), counts)), pa.array([symbol for _, symbol, _ in files])
    ).cast(pa.string())
    if not pc.all(pc.equal(rows["symbol"], names), skip_nulls=False).as_py() or not _all_finite(rows):
        return None
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    times = rows["create_time"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    days = np.array([day.toordinal() for _, _, day in files], np.int64) - date(1970, 1, 1).toordinal()
    midnights = days * _DAY
    begins_late = np.minimum.reduceat(times, starts) == midnights + _FIRST_END
    is_end = begins_late | (np.maximum.reduceat(times, starts) >= midnights + _DAY)
    columns = {name: rows[name] for name in METRIC_COLUMNS}
    columns["file_date"] = pa.array(np.repeat(days.astype(np.int32), counts)).cast(pa.date32())
    columns["label_convention"] = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(is_end.astype(np.int8), counts)), pa.array(["start", "end"])
    ).cast(pa.string())
    found = pa.table([columns[name] for name in METRICS.columns], schema=METRICS.schema)
    return [found.slice(start, count) for start, count in zip(starts.tolist(), counts.tolist(), strict=True)]


def _all_finite(rows: pa.Table) -> bool:
    numbers = [column for column in rows.columns if pa.types.is_floating(column.type)]
    return all(pc.all(pc.is_finite(column)).as_py() is not False for column in numbers)
