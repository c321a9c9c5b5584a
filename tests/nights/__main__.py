"""`python -m tests.nights --nights 60`: consecutive nights on a small market while providers fail.

Every night must end published, or blocked with a reason that a person understands; afterwards the totals must agree
from landing to the published file, and no file may grow faster than what it holds. Writes docs/nights.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingestion import http
from ingestion.landing.store import Landing
from ingestion.sandbox.generator import LAST_DAY, generate
from ingestion.settings import Home
from orchestration.validation import ledger
from tests.nights import faulty, small

PAGE = Path(__file__).parents[2] / "docs" / "nights.md"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Seen:
    """What was seen after one night."""

    night: date
    faults: str
    ended: str
    seconds: float
    raw_rows: int
    warehouse: float
    log: float
    landing: float
    published: float
    problems: tuple[str, ...]


def main() -> int:
    """Exit status 1 when anything was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.nights", description=__doc__)
    parser.add_argument("--nights", type=int, default=60, help="how many nights, ending with the market's last day")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table is written")
    parser.add_argument(
        "--pause", type=float, default=0.1, help="seconds before a failed request is made again, at first"
    )
    chosen = parser.parse_args()
    http.SHORT_PAUSE_SECONDS = chosen.pause  # the nights fork from here
    begun = time.monotonic()
    nights = [LAST_DAY - timedelta(days=back) for back in range(chosen.nights - 1, -1, -1)]
    os.environ[faulty.SEED] = str(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        market, home = Path(folder) / "market", Path(folder) / "home"
        size = replace(small.SIZE, ratio_days=chosen.nights + 12, transfer_days=chosen.nights + 100)
        generate(market, seed=chosen.seed, size=size)
        small.preload()
        seen: list[Seen] = []
        for night in nights:
            seen.append(_one(home, market, night, chosen.seed))
            print(_row(seen[-1]), flush=True)
            minutes = (time.monotonic() - begun) / 60
            chosen.page.write_text(_page(seen, chosen, minutes), encoding="utf-8")
    print(_sum(seen, minutes))
    return 1 if any(night.problems for night in seen) else 0


def _one(home: Path, market: Path, night: date, seed: int) -> Seen:
    before = _published_night(home)
    ended = small.run(home, market, night)
    problems = list(_unreconciled(Home(home=home)))
    if ended.status == 0 and _published_night(home) != night.isoformat():
        problems.append("it ended well and published nothing")
    if ended.status != 0 and _published_night(home) != before:
        problems.append("it was blocked and published all the same")
    if ended.status not in (0, 1):
        problems.append(f"it ended without a reason: status {ended.status}")
    faults = ", ".join(f"{provider} {fault.name}" for provider, fault in faulty.faults_of(seed, str(night)).items())
    return Seen(
        night,
        faults or "none",
        "published" if ended.status == 0 else ended.text.removeprefix("rotation: "),
        ended.seconds,
        _raw_rows(home),
        *(_size(home / name) for name in ("warehouse.duckdb", "dagster", "landing", "published/rotation.duckdb")),
        tuple(problems),
    )


def _unreconciled(home: Home) -> list[str]:
    """Where the totals of one stage and the next do not agree."""
    found = []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        landed = {batch.batch_id: sum(1 for _ in batch.exchanges()) for batch in Landing(home.landing).batches()}
        told = dict(connection.sql("select batch_id, count(*) from meta.request_outcomes group by all").fetchall())
        if landed != told:
            found.append(f"{len(landed)} batches are landed with other requests than the ledger's {len(told)}")
        counted = connection.sql("""
            select table_name, sum(rows_new + rows_changed)::bigint from meta.batches group by all""").fetchall()
        for table, rows in counted:
            (present,) = connection.sql(f'select count(*) from raw."{table}"').fetchall()[0]
            if present != rows:
                found.append(f"raw.{table} has {present} rows and its batches brought {rows}")
        if _published_night(home.home) == _built_night(connection):
            found += _other_than_published(connection, home)
    return found


def _other_than_published(warehouse: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    """The marts that the published file, or its manifest, has with other content than the warehouse."""
    published = small.published_hashes(home.home)
    warehouse.execute("set TimeZone = 'UTC'")
    built = ledger.content_hashes(warehouse, "marts", list(published))
    manifest = json.loads((home.published / "manifest.json").read_text(encoding="utf-8"))
    told = {name: table["content_hash"] for name, table in manifest["tables"].items()}
    return [
        f"marts.{name} is published otherwise"
        for name in published
        if len({*(hashes.get(name) for hashes in (published, built, told))}) > 1
    ]


def _built_night(connection: duckdb.DuckDBPyConnection) -> str | None:
    found = connection.sql("select max(evaluation_date)::varchar from marts.claims").fetchall()
    return found[0][0] if found else None


def _published_night(home: Path) -> str | None:
    manifest = home / "published" / "manifest.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["night"] if manifest.exists() else None


def _raw_rows(home: Path) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return int(
            connection.sql("select sum(rows_new + rows_changed)::bigint from meta.batches").fetchall()[0][0] or 0
        )


def _size(path: Path) -> float:
    """Megabytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file()) / MEGABYTE


def _row(seen: Seen) -> str:
    sizes = " | ".join(f"{size:.1f}" for size in (seen.warehouse, seen.log, seen.landing, seen.published))
    wrong = "; ".join(seen.problems) or "agree"
    return (
        f"| {seen.night} | {seen.faults} | {seen.ended} | {seen.seconds:.0f} | {seen.raw_rows:,} | {sizes} | {wrong} |"
    )


def _sum(seen: list[Seen], minutes: float) -> str:
    published = sum(night.ended == "published" for night in seen)
    wrong = sum(bool(night.problems) for night in seen)
    return (
        f"{len(seen)} nights: {published} published, {len(seen) - published} blocked with a reason, "
        f"{wrong} not as they must be; {minutes:.0f} minutes"
    )


def _page(seen: list[Seen], chosen: argparse.Namespace, minutes: float) -> str:
    ways = ", ".join(fault.name.replace("_", " ") for fault in faulty.FAULTS)
    head = "| night | faults | ended | s | raw rows | warehouse | Dagster | landing | published | totals |"
    return f"""# Nights with failing providers

Written by `python -m tests.nights --nights {chosen.nights} --seed {chosen.seed}` after each night. Every
night about a third of the providers fail in one of {len(faulty.FAULTS)} ways:
{ways}.
What is asked again is asked after {chosen.pause} s at first and not after 2 s as on other nights, which wait
minutes for a provider that is down.

After each night the totals are compared from landing (every exchange has its outcome in the ledger) over raw (rows
present are the rows that batches brought) to the published file (content hashes of the file, its manifest and the
warehouse are equal). Sizes are megabytes; seconds depend on what else the machine does. Dagster's log keeps runs for
`ROTATION_KEEP_RUN_DAYS` by the clock: of nights that all run in one day it keeps every one.

{_sum(seen, minutes)}.

{head}
|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(_row(night) for night in seen)}
"""


if __name__ == "__main__":
    sys.exit(main())
