"""`python -m tests.corruption.nights`: whole nights with one row that a provider broke, then with a broken delivery.

First night: the row is set aside, the next provider fills its gap and the rest is published. It is released with a
reason. Second night, during which another night is started on the same home: the row itself is in the marts.
Then every n-th corruption of the catalogue, on what these nights left. Third night: more is broken than the suite
tolerates, and nothing is published.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingestion.sandbox.generator import generate
from tests.corruption.bench import Bench, problem
from tests.corruption.catalogue import entries
from tests.corruption.good import SIZE
from tests.nights import small

_NIGHTS = (date(2026, 1, 15), date(2026, 1, 16), date(2026, 1, 17))
_BROKEN = date(2026, 1, 13)
_WHY = "checked with the exchange: high and low were exchanged"
_BREAK = {
    # One bar of the small-cap index has an empty range.
    "equity_bars": f"* replace (case when symbol = '^RUT' and session_date = date '{_BROKEN}' then low * 0.9999 "
    "else high end as high)",
    # Every coin of the third night has a negative price.
    "coin_caps": f"* replace (case when date = date '{_NIGHTS[2]}' then -price_usd else price_usd end as price_usd)",
}


def main() -> int:
    """Exit status 1 when anything was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.corruption.nights", description=__doc__)
    parser.add_argument("--every", type=int, default=20, help="which part of the catalogue is run at the end")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        market, home = Path(folder) / "market", Path(folder) / "home"
        generate(market, seed=1, size=SIZE)
        for name, columns in _BREAK.items():
            _rewrite(market / f"{name}.parquet", columns)
        small.preload()
        problems = [*_nights(home, market, chosen.every)]
    for found in problems:
        print(found)
    print(f"{len(problems)} not as they must be")
    return int(bool(problems))


def _rewrite(path: Path, columns: str) -> None:
    broken = path.with_suffix(".broken")
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {columns} from '{path}') to '{broken}' (format parquet)")
    broken.replace(path)


def _nights(home: Path, market: Path, every: int) -> Iterator[str]:
    first = small.run(home, market, _NIGHTS[0])
    if first.status:
        yield f"the first night failed: {first.text}"
        return
    waiting = _read(home, "warehouse.duckdb", "select rule, reason, _batch_id from quarantine.yahoo_chart")
    if len(waiting) != 1 or waiting[0][0] != "high_below_low":
        yield f"the first night set aside {waiting}"
    if (found := _published_from(home)) != [("cboe",)]:
        yield f"in place of what was set aside, this is published: {found}"
    listed = _command(home, "list")
    row = next((word for word in listed.replace("│", " ").split() if len(word) == 12 and word.isalnum()), "none")
    if "released" not in (said := _command(home, "release", row, "--why", _WHY)):
        yield f"releasing {row} said: {said}"
    yield from _second(home, market)
    yield from _slice(home / "warehouse.duckdb", every)
    yield from _third(home, market)


def _second(home: Path, market: Path) -> Iterator[str]:
    """The released row flows; another night that is started meanwhile ends at once and disturbs nobody."""
    started = time.monotonic()
    pid = small.start(home, market, _NIGHTS[1])
    other = home.with_name("other")
    other.symlink_to(home, target_is_directory=True)
    refused = []
    while not refused or (len(refused) < 3 and _is_alive(pid)):
        time.sleep(4)
        refused.append(small.run(other, market, _NIGHTS[1]))
    second = small.finish(pid, home, started)
    if second.status:
        yield f"the second night failed: {second.text}"
    for each in refused:
        if each.status != 1 or f"is in use by the night of {_NIGHTS[1]} (process {pid} on " not in each.text:
            yield f"another night beside it ended with {each.status}: {each.text}"
    if (found := _published_from(home)) != [("yahoo",)]:
        yield f"the released row is not published, but this: {found}"
    trail = "select decision, why, release_batch_id is not null from meta.quarantine_decisions"
    if (found := _read(home, "warehouse.duckdb", trail)) != [("released", _WHY, True)]:
        yield f"the audit trail is {found}"
    left = "select rows, decision from meta.quarantine where table_name = 'yahoo_chart'"
    if (found := _read(home, "published/rotation.duckdb", left)) != [(1, "released")]:
        yield f"readers see in quarantine: {found}"


def _third(home: Path, market: Path) -> Iterator[str]:
    """Every price of the snapshot is negative: the slice is refused and readers keep what they have."""
    before = small.published_hashes(home)
    third = small.run(home, market, _NIGHTS[2])
    if not third.status:
        yield "the third night published a broken delivery"
    if small.published_hashes(home) != before:
        yield "the third night changed what is published"
    blocked = """
        select expectation, status from meta.validation_results
        where night = ? and severity = 'critical' and status <> 'passed' and table_name = 'coingecko_markets'"""
    found = _read(home, "warehouse.duckdb", blocked, _NIGHTS[2])
    if found != [("current_price_to_be_between", "violated")]:
        yield f"the third night was blocked by {found}, and said: {third.text}"
    if _read(home, "warehouse.duckdb", "select count(*) from quarantine.coingecko_markets") != [(0,)]:
        yield "rows of a refused slice were set aside"


def _slice(warehouse: Path, every: int) -> Iterator[str]:
    bench = Bench(warehouse)
    # One table has the broken row.
    judged = [
        each for each in entries(bench.columns) if bench.has_rows(each.suite) and each.suite.table != "yahoo_chart"
    ]
    judged = judged[::every]
    for corruption in judged:
        caught = bench.run(corruption)
        if found := problem(caught):
            yield f"{corruption.name}, {caught.spoil.words}: {found}"
    print(f"{len(judged)} corruptions")
    bench.close()


def _published_from(home: Path) -> list[tuple[Any, ...]]:
    """Whose close the broken session is published with: Yahoo's comes first, Cboe's fills the gap."""
    sql = "select provider from marts.equity_breakout where symbol = '^RUT' and session_date = ?"
    return _read(home, "published/rotation.duckdb", sql, _BROKEN)


def _read(home: Path, name: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / name), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def _command(home: Path, *arguments: str) -> str:
    program = "from orchestration.cli import main; main()"
    command = [sys.executable, "-c", program, "quarantine", *arguments, "--home", str(home)]
    environment = os.environ | {"COLUMNS": "300"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stdout + done.stderr


def _is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    return state != "Z"


if __name__ == "__main__":
    sys.exit(main())
