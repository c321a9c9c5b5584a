"""One reader as a process: opens the published file, asks twice on one connection, closes, until it is told to stop.

Run with another interpreter it needs nothing of this project: `python polling.py duckdb|sqlalchemy FILE STOP`. It
prints one line of JSON: the client, reads, versions seen, errors, and answers that mixed two versions.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

# One number is stamped on every row of one table and equals the rows of it, and the newest publication has them all.
QUERY = """select count(*), min(days), max(days), (select max(row_count) - 1 from (
    select row_count from meta.publications order by publication_id desc limit 1)) from marts.daily"""

Ask = Callable[[str], Sequence[Any]]


def poll(session: Callable[[Callable[[Ask], None]], None], stop: Path) -> dict[str, Any]:
    """Read until `stop` exists; `session(use)` opens the file, calls `use(ask)` and closes it."""
    reads, mixed, errors, seen = 0, 0, [], set()

    def use(ask: Ask) -> None:
        nonlocal mixed
        first = ask(QUERY)
        time.sleep(0.005)
        second = ask(QUERY)
        numbers = {*first, *second}
        seen.add(first[0])
        mixed += len(numbers) != 1

    while not stop.exists():
        try:
            session(use)
            reads += 1
        except Exception as error:  # any failure of a reader is what is looked for
            errors.append(f"{type(error).__name__}: {error}")
    return {"reads": reads, "versions": len(seen), "mixed": mixed, "errors": errors[:5], "failed": len(errors)}


def duckdb_session(path: str) -> Callable[[Callable[[Ask], None]], None]:
    """A fresh read-only connection of the Python client."""
    import duckdb  # noqa: PLC0415

    def session(use: Callable[[Ask], None]) -> None:
        with duckdb.connect(path, read_only=True) as connection:
            use(lambda sql: connection.execute(sql).fetchall()[0])

    return session


def sqlalchemy_session(path: str) -> Callable[[Callable[[Ask], None]], None]:
    """As a BI tool does it: an engine and a connection of its own, disposed of afterwards."""
    from sqlalchemy import create_engine, text  # type: ignore[import-not-found] # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # type: ignore[import-not-found] # noqa: PLC0415

    def session(use: Callable[[Ask], None]) -> None:
        engine = create_engine(f"duckdb:///{path}", connect_args={"read_only": True}, poolclass=NullPool)
        with engine.connect() as connection:
            use(lambda sql: tuple(connection.execute(text(sql)).fetchall()[0]))
        engine.dispose()

    return session


SESSIONS = {"duckdb": duckdb_session, "sqlalchemy": sqlalchemy_session}
PACKAGES = {"duckdb": ("duckdb",), "sqlalchemy": ("SQLAlchemy", "duckdb-engine", "duckdb")}

if __name__ == "__main__":
    kind, file, stopping = sys.argv[1:]
    client = ", ".join(f"{name} {version(name)}" for name in PACKAGES[kind])
    print(json.dumps({"client": client} | poll(SESSIONS[kind](file), Path(stopping))))
