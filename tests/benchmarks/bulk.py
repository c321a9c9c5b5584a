"""Bulk loading of the derivatives archive, beside the least it can cost on this machine.

The floor unpacks every zip, parses the text of all of them at once and inserts it in one statement: no request, no
checksum, nothing landed, no versions. Each step is a process of its own, so that its time, its processor time and its
peak memory are its own; the server's are not counted, but it runs on the same cores.
"""

from __future__ import annotations

import io
import resource
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import csv

from ingestion import catalogue
from ingestion.collect import Dataset, Known, replay
from ingestion.exchange import Request
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_vision.dataset import metrics_file

NIGHT = Night(date(2026, 1, 16))


def floor(folder: Path, home: Path) -> int:
    """Unzip all, parse once, insert once; returns the rows."""
    pieces = []
    for path in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            text = archive.read(archive.infolist()[0])
        pieces.append(text if not pieces else text.split(b"\n", 1)[1])
    rows = csv.read_csv(pa.BufferReader(b"".join(pieces)))
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.register("rows", rows)
        connection.execute("create table metrics as from rows")
    return int(rows.num_rows)


def collected(folder: Path, home: Path, url: str) -> int:
    """Ask, verify, land, parse, compare and load every file, as a first night does; returns the rows."""
    (found,) = collect_night(Home(home=home), NIGHT, [_dataset(folder)], ProviderUrls(binance_vision_url=url))
    assert found.error is None, found
    return found.rows_added


def replayed(folder: Path, home: Path) -> int:
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


if __name__ == "__main__":
    step, where, place = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    started, before = time.perf_counter(), time.process_time()
    count = {"floor": floor, "collected": collected, "replayed": replayed}[step](where, place, *sys.argv[4:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(count, time.perf_counter() - started, time.process_time() - before, peak)
