"""Letting go of landed batches that are old and loaded. Off unless somebody asks for it.

Belongs here: what may be removed from landing, and the refusal to rebuild raw from a landing that is no longer whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.errors import LandingError, WarehouseError
from ingestion.landing.store import Batch, Landing
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock

_OLD = """
    select batch_id from meta.request_outcomes group by batch_id
    having max(fetched_at) < ? and not bool_or(outcome = 'bad_payload')"""


def forget_landed(home: Home, before: datetime) -> int:
    """Remove the batches that arrived before a moment and are wholly in raw; returns how many.

    Raw keeps every version. An answer that no parser could read is only in landing, so its batch stays.
    """
    with writer_lock(home.home, "letting go of old landed batches"):
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            ids = {batch_id for (batch_id,) in connection.execute(_OLD, [before]).fetchall()}
        old = [batch for batch in Landing(home.landing).batches() if batch.batch_id in ids & _loaded(home)]
        if old:
            _mark(home).write_text(f"{max(batch.batch_id for batch in old)}\n", encoding="utf-8")
        for batch in old:
            batch.path.unlink()
    return len(old)


def require_whole(home: Home, landed: Sequence[Batch]) -> None:
    """Raises `LandingError` when raw was loaded from batches that landing no longer has: rebuilding would lose them."""
    gone = _loaded(home) - {batch.batch_id for batch in landed}
    if gone:
        raise LandingError(
            f"{len(gone)} batches that raw was loaded from are no longer in {home.landing} (the newest is batch "
            f"{max(gone)}): rebuilding raw would lose their rows; restore them from a copy"
        )
    if _mark(home).exists():
        raise LandingError(
            f"{home.landing} has let go of old batches and says so in {_mark(home).name}: rebuilding raw would lose "
            "their rows; restore the warehouse from a copy"
        )


def _mark(home: Home) -> Path:
    """Where landing says that it has let go: a damaged warehouse cannot."""
    return home.landing / "forgotten"


def _loaded(home: Home) -> set[int]:
    """The batches that the warehouse tells of; none when there is no warehouse yet, or it is damaged."""
    if not home.warehouse.exists():
        return set()
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            told = connection.sql("select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'batches'")
            return raw.loaded_batches(connection) if told.fetchall() else set()
    except duckdb.Error as error:
        if "lock on file" in str(error):
            raise WarehouseError(f"{home.warehouse} is held by another program: close it, and try again") from error
        return set()
