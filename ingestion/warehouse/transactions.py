"""One transaction on the warehouse: all of it or nothing; and what the disk does to it, as an error that says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from ingestion.errors import WarehouseError

# How a full or failing disk is told: by a write, by memory that spills, by a commit, by a checkpoint.
_FULL = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException, duckdb.FatalException)

_COMMIT = re.compile("Failed to commit|Could not write")
_SPILLED = re.compile("temp_directory|temporary director|No space", re.IGNORECASE)


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
        reason = str(error).splitlines()[0]
        if isinstance(error, duckdb.TransactionException) and not _COMMIT.search(reason):
            raise  # not the disk's doing, but our own
        raise unusable(path, reason) from error


def unusable(path: Path, reason: str) -> WarehouseError:
    """What is told of a warehouse that the disk, the memory or another process keeps from being used."""
    if reason.startswith("Out of Memory") and not _SPILLED.search(reason):
        remedy = "close other programs, or run it on a machine with more memory"
    else:
        remedy = "free the disk, or close what holds the file"
    return WarehouseError(f"the warehouse {path} cannot be used ({reason}): {remedy}, and run the night again")
