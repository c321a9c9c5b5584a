"""Which night a run is about, and from which moment it looks back.

Belongs here: the partitions, and the vintage a transformation uses. What is asked on a night belongs to ingestion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.errors import RotationError, SettingsError
from ingestion.night import Night
from ingestion.settings import Home

FIRST_NIGHT = "2017-01-01"  # before it no totals are collected
NIGHTS = dg.DailyPartitionsDefinition(start_date=FIRST_NIGHT, timezone="UTC")
# Dagster's own tags of a run over a range of partitions.
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@dataclass(frozen=True)
class Vintage:
    """The last day a transformation may use, and the moment up to which facts count as known."""

    night: Night
    as_of: datetime

    @property
    def as_of_text(self) -> str:
        """As SQL reads it."""
        return f"{self.as_of.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"


def newest_vintage(home: Home, as_of: datetime | None = None) -> Vintage:
    """The newest night in the ledger, seen from the moment its last answer arrived, or from `as_of`.

    Taken from the ledger and not from a clock, so that the same home gives the same tables again.
    """
    found = _from_ledger(home)
    if found is None:
        raise RotationError(f"nothing was collected in {home.home}: run 'rotation demo' or 'rotation refresh' first")
    return found if as_of is None else Vintage(found.night, as_of)


def newest_night(home: Home) -> Night | None:
    """The newest night in the ledger; None for a home in which nothing was collected."""
    found = _from_ledger(home)
    return found.night if found else None


def refuse_going_back(home: Home, night: Night) -> None:
    """A sandbox night never precedes the home's last one: what came later is already known there."""
    known = newest_night(home)
    if known is not None and night < known:
        raise SettingsError(
            f"this home already knows {known.day}: the night of {night.day} lies before it; "
            "choose a later --date or another --home"
        )


def _from_ledger(home: Home) -> Vintage | None:
    if not home.warehouse.exists():
        return None
    with duckdb.connect(str(home.warehouse)) as connection:
        if not _has(connection, "request_outcomes"):
            return None
        row = connection.execute("select max(night), epoch_us(max(fetched_at)) from meta.request_outcomes").fetchone()
        released = connection.execute(_RELEASED).fetchone() if _has(connection, "quarantine_decisions") else None
    if row is None or row[0] is None:
        return None
    newest = max(moment for moment in (row[1], *(released or ())) if moment is not None)
    return Vintage(Night(row[0]), datetime.fromtimestamp(newest / 1e6, tz=UTC))


# A row that somebody released from quarantine is a fact that became known then.
_RELEASED = "select epoch_us(max(known_at)) from meta.quarantine_decisions where decision = 'released'"


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'meta' and table_name = ?", [table]
    ).fetchone()
    return found is not None
