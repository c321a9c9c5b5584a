"""One transaction on the warehouse: all of it or nothing; and what the disk does to it, as an error that says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from ingestion.errors import WarehouseError

# How a full or failing disk is told: by a write, by memory that spills, by a commit, by a checkpoint.
_FULL = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException, duckdb.FatalException)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or undo it and raise what went wrong.

    A commit that fails, as it does on a full disk, has undone itself: rolling back then would raise another error, and
    hide the one that tells what to do.
    """
    connection.execute("begin transaction")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("rollback")
        raise


@contextmanager
def one_line_errors(path: Path) -> Iterator[None]:
    """What the disk or another process does to the warehouse, as an error a user can act on."""
    try:
        yield
    except _FULL as error:
        raise unusable(path, str(error).splitlines()[0]) from error


def unusable(path: Path, reason: str) -> WarehouseError:
    """What is told of a warehouse that the disk or another process keeps from being used."""
    return WarehouseError(
        f"the warehouse {path} cannot be used ({reason}): free the disk, or close what holds the file, "
        "and run the night again"
    )
