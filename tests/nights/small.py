"""Nights on a small market, each in a process of its own that can be killed.

The parent imports the libraries once and forks: a night then costs its own work and not ten seconds of imports.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from ingestion.night import Night
from ingestion.sandbox.generator import SMALL, Size, generate
from ingestion.settings import Home

# Enough coins for ranks and tiers, enough days for every window that a night looks back on.
SIZE: Size = replace(SMALL, first_day=date(2025, 3, 3), filler_coins=110, perpetuals=6, ratio_days=20, tokens=4,
                     transfer_days=100)  # fmt: skip


def preload() -> None:
    """Import what a night imports, without opening anything."""
    import dagster_dbt  # noqa: F401, PLC0415
    import dbt.adapters.duckdb.impl  # noqa: PLC0415
    import dbt.cli.main  # noqa: F401, PLC0415
    import great_expectations  # noqa: F401, PLC0415

    from orchestration import gates, layers, publication, raw_assets, transform  # noqa: F401, PLC0415


def make_market(directory: Path, seed: int = 1) -> Path:
    """The small market, generated once."""
    if not directory.exists():
        generate(directory, seed=seed, size=SIZE)
    return directory


@dataclass(frozen=True)
class Ended:
    """How a night ended: `status` 0 is well, 1 is a failure that `text` tells, negative the signal that killed it."""

    status: int
    text: str
    seconds: float


def start(home: Path, market: Path, night: date, environment: Mapping[str, str] | None = None) -> int:
    """Fork a process that runs one night; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    os.setsid()
    log = home.with_suffix(".log")
    try:
        with log.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
            os.environ.update(environment or {})
            status = _run(home, market, night)
    finally:
        os._exit(status)


def finish(pid: int, home: Path, started: float) -> Ended:
    """Wait for the process to end."""
    _, code = os.waitpid(pid, 0)
    log = home.with_suffix(".log")
    text = log.read_text(encoding="utf-8").strip() if log.exists() else ""
    return Ended(os.waitstatus_to_exitcode(code), text.splitlines()[-1] if text else "", time.monotonic() - started)


def run(home: Path, market: Path, night: date, environment: Mapping[str, str] | None = None) -> Ended:
    """One whole night."""
    started = time.monotonic()
    return finish(start(home, market, night, environment), home, started)


def kill_after(home: Path, market: Path, night: date, seconds: float) -> Ended:
    """Start a night and kill it that much later; it may have ended before."""
    started = time.monotonic()
    pid = start(home, market, night)
    while time.monotonic() - started < seconds:
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            return Ended(os.waitstatus_to_exitcode(code), "ended before it was killed", time.monotonic() - started)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    return finish(pid, home, started)


def published_hashes(home: Path) -> dict[str, str]:
    """The content hash of every published mart, computed anew from the published file."""
    from orchestration.validation import ledger  # noqa: PLC0415

    with duckdb.connect(str(home / "published" / "rotation.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = [row[0] for row in connection.sql(_MARTS).fetchall()]
        return ledger.content_hashes(connection, "marts", tables)


_MARTS = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"


def _run(home: Path, market: Path, night: date) -> int:
    """What `rotation demo` does for a night, without its screen; with faults on the wire where the environment asks."""
    from functools import partial  # noqa: PLC0415

    from ingestion.errors import RotationError  # noqa: PLC0415
    from ingestion.sandbox import server  # noqa: PLC0415
    from orchestration.market import claim, describe  # noqa: PLC0415
    from orchestration.run import run_night  # noqa: PLC0415
    from tests.nights import faulty  # noqa: PLC0415

    if faulty.SEED in os.environ:
        server.serve = partial(server.serve, module="tests.nights.faulty")
        os.environ[faulty.NIGHT] = night.isoformat()
    place = Home(home=home)
    try:
        place.prepare()
        claim(place, describe(market))
        run_night(place, Night(night))
    except RotationError as error:
        print(f"rotation: {error}", file=sys.stdout)
        return 1
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return 2
    return 0
