"""Batches of exchanges as Parquet files: written whole or not at all, read back in the order they were written.

Layout: `landing/source=<provider>/dataset=<dataset>/dt=<night>/batch-<id>.parquet`, one row per response.
Batch ids are one growing sequence over the whole home, so that replaying them in order rebuilds the same raw tables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import LandingError
from ingestion.exchange import Exchange, Outcome, Request

SCHEMA = pa.schema(
    [
        ("unit", pa.string()),
        ("kind", pa.string()),
        ("request", pa.string()),
        ("outcome", pa.string()),
        ("status", pa.int32()),
        ("headers", pa.string()),
        ("body", pa.binary()),
        ("body_sha256", pa.string()),
        ("fetched_at", pa.timestamp("us", tz="UTC")),
        ("error", pa.string()),
        ("unread", pa.bool_()),
    ]
)

_ENCODER = json.JSONEncoder(sort_keys=True)
# Columns that repeat; a dictionary of bodies or hashes would be as long as they are.
_REPEATING = ["kind", "outcome", "status", "headers", "error"]


@dataclass(frozen=True)
class Batch:
    """One landed file."""

    batch_id: int
    source: str
    dataset: str
    night: date
    path: Path

    def exchanges(self) -> Iterator[Exchange]:
        """Every exchange of the batch, each body checked against its sha256."""
        try:
            rows = pq.ParquetFile(self.path).read().to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise LandingError(
                f"the landed batch {self.path} cannot be read ({' '.join(str(error).split())}): restore it from a copy"
            ) from error
        for row in rows:
            asked = json.loads(row["request"])
            exchange = Exchange(
                request=Request(row["unit"], asked["path"], asked["params"], asked["json_body"], row["kind"]),
                outcome=Outcome(row["outcome"]),
                fetched_at=row["fetched_at"],
                status=row["status"],
                headers=json.loads(row["headers"]),
                body=row["body"],
                error=row["error"],
                unread=bool(row.get("unread")),  # older batches do not say
            )
            if exchange.body_sha256 != row["body_sha256"]:
                raise LandingError(
                    f"unit {row['unit']} of {self.path} does not match its sha256: the file was changed after landing"
                )
            yield exchange


class Landing:
    """The landing folder of one home. One process writes; the home's lock sees to that."""

    def __init__(self, root: Path, after: int = 0) -> None:
        """`after` is the newest batch id that something else than a landed batch has taken."""
        self.root = root
        self._after = after
        self._last_id: int | None = None  # read from the folder once; the home's lock keeps other writers out

    def batches(self) -> list[Batch]:
        """All batches in the order they were written."""
        found = [self._describe(path) for path in self.root.glob("source=*/dataset=*/dt=*/batch-*.parquet")]
        return sorted(found, key=lambda batch: batch.batch_id)

    def remove_unfinished(self) -> None:
        """Remove what a killed process was writing: it was promised to nobody. For the holder of the home's lock."""
        for path in self.root.glob("source=*/dataset=*/dt=*/.batch-*.parquet.writing"):
            path.unlink()

    def next_id(self) -> int:
        """The id that the next batch gets."""
        if self._last_id is None:
            self._last_id = max((self._after, *(batch.batch_id for batch in self.batches())))
        return self._last_id + 1

    def write(self, source: str, dataset: str, night: date, exchanges: Sequence[Exchange]) -> Batch:
        """Land one batch atomically: a temporary file is flushed to disk, then renamed."""
        if not exchanges:
            raise LandingError(f"nothing to land for {source}/{dataset}: every request must have an outcome")
        batch_id = self.next_id()
        folder = self.root / f"source={source}" / f"dataset={dataset}" / f"dt={night.isoformat()}"
        path = folder / f"batch-{batch_id:09d}.parquet"
        temporary = folder / f".{path.name}.writing"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(_table(exchanges), temporary, compression="zstd", use_dictionary=_REPEATING)
            _flush(temporary)
            temporary.rename(path)
            _flush(folder)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise LandingError(
                f"the batch of {source}/{dataset} cannot be written to {folder} ({error.strerror}): "
                "free or repair the disk and run the night again"
            ) from error
        self._last_id = batch_id
        return Batch(batch_id, source, dataset, night, path)

    @staticmethod
    def _describe(path: Path) -> Batch:
        source, dataset, night = (part.split("=", 1)[1] for part in path.parts[-4:-1])
        return Batch(int(path.stem.removeprefix("batch-")), source, dataset, date.fromisoformat(night), path)


def _table(exchanges: Sequence[Exchange]) -> pa.Table:
    columns = {
        "unit": [exchange.request.unit for exchange in exchanges],
        "kind": [exchange.request.kind for exchange in exchanges],
        "request": [exchange.request.as_json() for exchange in exchanges],
        "outcome": [exchange.outcome.value for exchange in exchanges],
        "status": [exchange.status for exchange in exchanges],
        "headers": [_ENCODER.encode(dict(exchange.headers)) for exchange in exchanges],
        "body": [exchange.body for exchange in exchanges],
        "body_sha256": [exchange.body_sha256 for exchange in exchanges],
        "fetched_at": [exchange.fetched_at for exchange in exchanges],
        "error": [exchange.error for exchange in exchanges],
        "unread": [exchange.unread for exchange in exchanges],
    }
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
