"""One home whose night is killed several times and then runs to its end, and what must be true of it afterwards."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingestion.landing.store import Landing
from tests.nights import small

NIGHT = date(2026, 1, 16)
_UNFINISHED = ("*.writing", ".*.writing", "*.new*", "*.replaying", ".write-probe")


@dataclass(frozen=True)
class Undisturbed:
    """What a night publishes when nobody kills it, and how long it takes."""

    hashes: dict[str, str]
    units: int
    seconds: float


def undisturbed(home: Path, market: Path) -> Undisturbed:
    """Run it; raises when it does not end well."""
    ended = small.run(home, market, NIGHT)
    if ended.status:
        raise RuntimeError(f"the undisturbed night failed: {ended.text}")
    return Undisturbed(small.published_hashes(home), _complete_units(home), ended.seconds)


def problems_after_kills(home: Path, market: Path, expected: Undisturbed, times: int, rng: random.Random) -> list[str]:
    """Kill the night `times` times, then let it end; what is not as it must be, empty when all is."""
    for _ in range(times):
        small.kill_after(home, market, NIGHT, rng.uniform(0, expected.seconds))
    ended = small.run(home, market, NIGHT)
    if ended.status:
        return [f"the night could not be started again: {ended.text}"]
    found = []
    if small.published_hashes(home) != expected.hashes:
        found.append("the published content is another")
    if orphans := sorted(path.name for pattern in _UNFINISHED for path in home.rglob(pattern)):
        found.append(f"unfinished files were left: {orphans}")
    if (units := _complete_units(home)) != expected.units:
        found.append(f"{units} units are complete and not {expected.units}")
    for batch in Landing(home / "landing").batches():
        for _ in batch.exchanges():  # raises where a body does not match its sha256
            pass
    return found


def clear(home: Path) -> None:
    """Remove a home that passed."""
    shutil.rmtree(home, ignore_errors=True)
    home.with_suffix(".log").unlink(missing_ok=True)


def _complete_units(home: Path) -> int:
    """How many; who goes on after a kill may ask for a listing again, in the name of another unit that it serves."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.sql("""
            select count(distinct (source, dataset, unit)) from meta.request_outcomes
            where outcome in ('ok', 'empty') and kind <> 'listing'""").fetchall()
    return int(found[0][0])
