"""Bulk loading of the derivatives archive, beside the least it can cost on this machine.

The floor unpacks every zip, parses the text of all of them at once and inserts it in one statement: no request, no
checksum, nothing landed, no versions. Each step is a process of its own, so that its time, its processor time and its
peak memory are its own; the server's are not counted, but it runs on the same cores. `python -m tests.benchmarks.bulk`.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import time
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from typing import NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import csv
from rich.console import Console
from rich.table import Table

from ingestion import catalogue
from ingestion.collect import Dataset, Known, replay
from ingestion.exchange import Request
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_vision.dataset import metrics_file
from tests.benchmarks import archive

ARCHIVES = 20_000
NIGHT = Night(date(2026, 1, 16))
_FIRST, _DAYS = date(2025, 9, 1), 100


def floor(folder: Path, home: Path, _url: str) -> int:
    """Unzip all, parse once, insert once; returns the rows."""
    pieces = []
    for path in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
            text = packed.read(packed.infolist()[0])
        pieces.append(text if not pieces else text.split(b"\n", 1)[1])
    rows = csv.read_csv(pa.BufferReader(b"".join(pieces)))
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.register("rows", rows)
        connection.execute("create table metrics as from rows")
    return int(rows.num_rows)


def fetched(folder: Path, _home: Path, url: str) -> int:
    """Every checksum and zip by the standard library's client over kept connections, by as many threads as the dataset
    has workers, and nothing done with them: what the requests alone cost in Python. Returns no rows."""
    dataset = _dataset(folder)
    kept = local()

    def get(request: Request) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = HTTPConnection(url.removeprefix("http://"))
        for path in (f"{request.path}.CHECKSUM", request.path):
            kept.connection.request("GET", path)
            assert kept.connection.getresponse().read()

    with ThreadPoolExecutor(dataset.workers) as pool:
        for _ in pool.map(get, dataset.plan(NIGHT, Known(NIGHT, NIGHT.as_of))):
            pass
    return 0


def collected(folder: Path, home: Path, url: str) -> int:
    """Ask, verify, land, parse, compare and load every file, as a first night does; returns the rows."""
    (found,) = collect_night(Home(home=home), NIGHT, [_dataset(folder)], ProviderUrls(binance_vision_url=url))
    assert found.error is None, found
    return found.rows_added


def replayed(folder: Path, home: Path, _url: str) -> int:
    """Load what `collected` landed into a new warehouse: everything but the requests; returns the rows."""
    replay(Home(home=home), [_dataset(folder)])
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute("select count(*) from raw.binance_vision_metrics").fetchall()[0][0])


def _dataset(folder: Path) -> Dataset:
    """The real dataset, asked for the files of the sample."""
    (metrics,) = (each for each in catalogue.datasets() if each.key == ("binance_vision", "metrics"))
    files = sorted(path.stem.split("-metrics-") for path in folder.rglob("*.zip"))
    requests = [metrics_file(symbol, date.fromisoformat(day)).request() for symbol, day in files]

    def plan(_night: Night, known: Known) -> list[Request]:
        return [request for request in requests if not known.completed_ever(request.unit)]

    return replace(metrics, plan=plan)


_STEPS: dict[str, tuple[Callable[[Path, Path, str], int], str]] = {
    "floor": (floor, "floor: unzip all, one parse, one insert"),
    "fetched": (fetched, "fetch: the same requests by a bare client"),
    "collected": (collected, "collect: ask, verify, land, parse, load"),
    "replayed": (replayed, "replay: from landing to raw"),
}


class Measured(NamedTuple):
    """What one step took: rows, wall and processor time in seconds, and the largest resident set in MB."""

    rows: int
    seconds: float
    processor_seconds: float
    peak_mb: float


def measure(archives: int) -> dict[str, Measured]:
    """Every step on a synthetic sample of so many archives, rounded up to whole symbols."""
    with TemporaryDirectory() as folder:
        sample, home = Path(folder) / "sample", Path(folder) / "home"
        home.mkdir()
        archive.make(sample, [f"S{number:04d}USDT" for number in range(-(-archives // _DAYS))], _FIRST, _DAYS)
        with archive.served(sample) as url:
            return {step: _in_own_process(step, sample, home, url) for step in _STEPS}


def table(found: Mapping[str, Measured]) -> Table:
    """The steps beside the floor, and beside the floor together with the requests that it leaves out."""
    floor_seconds = found["floor"].seconds
    with_requests = floor_seconds + found["fetched"].seconds
    archives = found["floor"].rows // archive.ROWS_A_FILE
    shown = Table(
        *("step", "seconds", "CPU s", "archives/s", "rows/s", "of the floor", "of floor and fetch", "peak MB"),
        title=f"Bulk loading: {archives:,} synthetic archives from a server on this machine",
    )
    for step, (_, told) in _STEPS.items():
        rows, seconds, processor_seconds, peak_mb = found[step]
        shown.add_row(
            *(told, f"{seconds:.1f}", f"{processor_seconds:.1f}", f"{archives / seconds:,.0f}"),
            f"{rows / seconds:,.0f}" if rows else "",
            *(f"{seconds / floor_seconds:.2f}", f"{seconds / with_requests:.2f}", f"{peak_mb:.0f}"),
        )
    return shown


def _in_own_process(step: str, sample: Path, home: Path, url: str) -> Measured:
    command = [sys.executable, "-m", "tests.benchmarks.bulk", "--step", step, str(sample), str(home), url]
    rows, *others = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Measured(int(rows), *map(float, others))


def _step(name: str, sample: Path, home: Path, url: str) -> None:
    started, before = time.perf_counter(), time.process_time()
    rows = _STEPS[name][0](sample, home, url)
    taken, processor = time.perf_counter() - started, time.process_time() - before
    print(rows, taken, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Print the table of all steps."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("--archives", type=int, default=ARCHIVES, help="size of the sample (default: %(default)s)")
    Console(width=150).print(table(measure(parser.parse_args().archives)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        _step(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
    else:
        main()
