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
from http import HTTPStatus
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
from ingestion.sources.binance_vision.parse import only_member
from tests.benchmarks import archive

ARCHIVES = 20_000
NIGHT = Night(date(2026, 1, 16))
_FIRST, _DAYS = date(2025, 9, 1), 100


class Task(NamedTuple):
    """The first so many archives of a sample, the home they go into, and where the sample is served."""

    sample: Path
    archives: int
    home: Path
    url: str

    @property
    def files(self) -> list[Path]:
        return sorted(self.sample.rglob("*.zip"))[: self.archives]


def floor(task: Task) -> int:
    """Unzip all by the standard library, parse once, insert once; returns the rows."""

    def unzipped(path: Path) -> bytes:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
            return packed.read(packed.infolist()[0])

    return _inserted(task, unzipped)


def floor_as_collected(task: Task) -> int:
    """The floor, but unzipped as `collected` does; returns the rows."""
    return _inserted(task, lambda path: only_member(path.read_bytes(), f"{path.stem}.csv"))


def _inserted(task: Task, unzipped: Callable[[Path], bytes]) -> int:
    pieces = []
    for path in task.files:
        text = unzipped(path)
        pieces.append(text if not pieces else text.split(b"\n", 1)[1])
    rows = csv.read_csv(pa.BufferReader(b"".join(pieces)))
    database = task.home / "floor.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.register("rows", rows)
        connection.execute("create table metrics as from rows")
    return int(rows.num_rows)


def fetched(task: Task) -> int:
    """Every listing and zip by the standard library's client over kept connections, by as many threads as the dataset
    has workers, and nothing done with them: what the requests alone cost in Python. Returns no rows."""
    dataset = _dataset(task)
    kept = local()

    def get(path: str) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = HTTPConnection(task.url.removeprefix("http://"))
        kept.connection.request("GET", path)
        answer = kept.connection.getresponse()
        assert answer.status == HTTPStatus.OK
        assert answer.read()

    zips = [request.path for request in dataset.plan(NIGHT, Known(NIGHT, NIGHT.as_of))]
    with ThreadPoolExecutor(dataset.workers) as pool:
        for _ in pool.map(get, [*dict.fromkeys(map(archive.listing_of, zips)), *zips]):
            pass
    return 0


def collected(task: Task) -> int:
    """Ask, verify, land, parse, compare and load every file, as a first night does; returns the rows."""
    urls = ProviderUrls(binance_vision_url=task.url)
    (found,) = collect_night(Home(home=task.home), NIGHT, [_dataset(task)], urls)
    assert found.error is None, found
    return found.rows_added


def replayed(task: Task) -> int:
    """Load what `collected` landed into a new warehouse: everything but the requests; returns the rows."""
    replay(Home(home=task.home), [_dataset(task)])
    with duckdb.connect(str(task.home / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute("select count(*) from raw.binance_vision_metrics").fetchall()[0][0])


def _dataset(task: Task) -> Dataset:
    """The real dataset, asked for the files of the task."""
    (metrics,) = (each for each in catalogue.datasets() if each.key == ("binance_vision", "metrics"))
    named = (path.stem.split("-metrics-") for path in task.files)
    requests = [metrics_file(symbol, date.fromisoformat(day)).request() for symbol, day in named]

    def plan(_night: Night, known: Known) -> list[Request]:
        return [request for request in requests if not known.completed_ever(request.unit)]

    return replace(metrics, plan=plan)


_STEPS: dict[str, tuple[Callable[[Task], int], str]] = {
    "floor": (floor, "floor: unzip all, one parse, one insert"),
    "floor_as_collected": (floor_as_collected, "the same floor, unzipped as collect does"),
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


class Found(NamedTuple):
    """Every step over the whole sample, and collecting parts of it: by their archives."""

    steps: Mapping[str, Measured]
    parts: Mapping[int, Measured]


def measure(archives: int) -> Found:
    """Every step on a synthetic sample of so many archives, rounded up to whole symbols; then collecting its parts."""
    with TemporaryDirectory() as folder:
        sample, home = Path(folder) / "sample", Path(folder) / "home"
        home.mkdir()
        count = -(-archives // _DAYS) * _DAYS
        archive.make(sample, [f"S{number:04d}USDT" for number in range(count // _DAYS)], _FIRST, _DAYS)
        with archive.served(sample) as url:
            steps = {step: _in_own_process(step, Task(sample, count, home, url)) for step in _STEPS}
            parts = {
                part: _in_own_process("collected", Task(sample, part, Path(folder) / str(part), url))
                for part in (count // 4, count // 2)
            }
        return Found(steps, parts | {count: steps["collected"]})


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


def memory(parts: Mapping[int, Measured]) -> Table:
    """What collecting takes at most, by the number of archives: the same for all, but for what DuckDB keeps of the
    table, up to its bound (`ingestion.collect`)."""
    shown = Table("archives", "seconds", "archives/s", "peak MB", title="Collecting more and more of them")
    for archives, each in parts.items():
        shown.add_row(f"{archives:,}", f"{each.seconds:.1f}", f"{archives / each.seconds:,.0f}", f"{each.peak_mb:.0f}")
    return shown


def _in_own_process(step: str, task: Task) -> Measured:
    command = [sys.executable, "-m", "tests.benchmarks.bulk", "--step", step, *map(str, task)]
    rows, *others = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Measured(int(rows), *map(float, others))


def _step(name: str, task: Task) -> None:
    catalogue.datasets()  # what Python loads once in a process is no part of any archive
    started, before = time.perf_counter(), time.process_time()
    rows = _STEPS[name][0](task)
    taken, processor = time.perf_counter() - started, time.process_time() - before
    print(rows, taken, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Print the table of all steps."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("--archives", type=int, default=ARCHIVES, help="size of the sample (default: %(default)s)")
    found = measure(parser.parse_args().archives)
    Console(width=150).print(table(found.steps), memory(found.parts))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step, sample, archives, home, url = sys.argv[2:]
        _step(step, Task(Path(sample), int(archives), Path(home), url))
    else:
        main()
