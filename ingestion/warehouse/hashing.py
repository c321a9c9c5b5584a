"""One number for the content of a row: the same for the same values, whatever library or version computed them.

Belongs here: hashing whole columns at once. The hashes are stored for ever, so what a value hashes to never changes;
they tell a changed row from an unchanged one and are no protection against anybody. Null differs from every value, and
-0.0 equals 0.0. `raw` keeps its tables to one kind of hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ingestion.errors import WarehouseError

Hashes = NDArray[np.uint64]
# Rows that are mixed together: what a core keeps near it.
_PIECE = 16_384
_NULL = np.uint64(0x9E6C63D0876A9A47)
# Weyl's constant and the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def column_bits(column: pa.ChunkedArray) -> Hashes:
    """64 bits for each value of a column."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_text(column)
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # a column without any chunk
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], kind)
    if pa.types.is_floating(kind):
        values = _without_null(array, 0.0).to_numpy(zero_copy_only=False).astype(np.float64, copy=False) + 0.0
        bits: Hashes = values.view(np.uint64)
    else:
        whole = array.cast(pa.int32()) if pa.types.is_date32(kind) else array
        values = _without_null(whole.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        bits = values.astype(np.int64).view(np.uint64)
    if array.null_count:
        bits[pc.is_null(array).to_numpy(zero_copy_only=False)] = _NULL
    return bits


def _without_null(array: pa.Array, instead: float) -> pa.Array:
    return pc.fill_null(array, instead) if array.null_count else array


def combined(columns: Iterable[Hashes], rows: int) -> Hashes:
    """One hash for each row of some columns, in their order."""
    found = np.zeros(rows, np.uint64)
    every = list(columns)
    for begin in range(0, rows, _PIECE):
        piece = found[begin : begin + _PIECE]
        for bits in every:
            piece ^= bits[begin : begin + _PIECE]
            piece += _STEP
            _mix(piece)
    return found


def require_own(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """Raises `WarehouseError` where a raw table holds other hashes: every row asked again would look changed."""
    found = connection.execute(
        """select table_name from duckdb_columns() where schema_name = 'raw' and column_name = '_row_hash'
        and database_name = current_catalog() and data_type <> 'UBIGINT' and list_contains(?, table_name)""",
        [list(tables)],
    ).fetchone()
    if found:
        raise WarehouseError(
            f"raw.{found[0]} was written by an older version, which hashed rows in another way: "
            "run 'rotation replay', which builds the warehouse again from landing"
        )


def _of_text(column: pa.ChunkedArray) -> Hashes:
    encoded = pc.dictionary_encode(column)
    chunks = encoded.chunks if isinstance(encoded, pa.ChunkedArray) else [encoded]
    pieces = []
    for chunk in chunks:
        known = np.array([_of_word(word) for word in chunk.dictionary.to_pylist()] + [int(_NULL)], np.uint64)
        pieces.append(known[pc.fill_null(chunk.indices, len(known) - 1).to_numpy(zero_copy_only=False)])
    return np.concatenate(pieces) if pieces else np.zeros(0, np.uint64)


def _of_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _mix(bits: Hashes) -> None:
    bits ^= bits >> np.uint64(30)
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
