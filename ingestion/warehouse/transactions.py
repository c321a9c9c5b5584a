"""One transaction on the warehouse: all of it or nothing, and the error that says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


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
