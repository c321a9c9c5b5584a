"""What the disk, the memory or we ourselves do to the warehouse: each with its own advice."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.errors import WarehouseError
from ingestion.warehouse.transactions import one_line_errors


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), "free the disk"),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block of size 256 KiB"), "more memory"),
        (
            duckdb.OutOfMemoryException("Out of Memory Error: failed to offload: max_temp_directory_size was reached"),
            "free the disk",
        ),
        (duckdb.TransactionException("TransactionContext Error: Failed to commit: disk"), "free the disk"),
    ],
)
def test_each_trouble_has_the_advice_that_helps(error: duckdb.Error, advice: str) -> None:
    with pytest.raises(WarehouseError, match=advice) as told, one_line_errors(Path("w.duckdb")):
        raise error
    assert "\n" not in str(told.value)


def test_a_transaction_that_we_broke_is_no_matter_of_the_disk() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t (n integer not null)")
        connection.begin()
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("insert into t values (null)")
        with pytest.raises(duckdb.TransactionException, match="aborted"), one_line_errors(Path("w.duckdb")):
            connection.execute("select 1")
