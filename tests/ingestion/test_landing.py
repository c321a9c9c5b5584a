"""Landing promises: verbatim, whole or not at all, in order, and damage is noticed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.errors import LandingError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing import store
from ingestion.landing.store import Landing

NIGHT = date(2026, 1, 16)
KNOWN = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def exchange(unit: str = "SPY", body: bytes = b"\x00\xffnot text", outcome: Outcome = Outcome.OK) -> Exchange:
    request = Request(unit, "/v8/finance/chart/SPY", {"interval": "1d"})
    return Exchange(request, outcome, KNOWN, 200, {"content-type": "application/json"}, body)


def test_a_batch_reads_back_exactly_as_written(tmp_path: Path) -> None:
    written = [exchange(), exchange("IWM", b"", Outcome.BLOCKED)]
    batch = Landing(tmp_path).write("yahoo", "chart", NIGHT, written)
    assert list(batch.exchanges()) == written
    assert batch.path.parent.parts[-3:] == ("source=yahoo", "dataset=chart", "dt=2026-01-16")


def test_batch_ids_grow_over_all_datasets(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    for source in ("yahoo", "coingecko", "yahoo"):
        landing.write(source, "d", NIGHT, [exchange()])
    assert [(batch.batch_id, batch.source) for batch in landing.batches()] == [
        (1, "yahoo"),
        (2, "coingecko"),
        (3, "yahoo"),
    ]


def test_a_full_disk_leaves_no_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(_table: pa.Table, where: Path, **_options: object) -> None:
        where.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.pq, "write_table", disk_full)
    with pytest.raises(LandingError, match=r"No space left on device.*run the night again"):
        Landing(tmp_path).write("yahoo", "chart", NIGHT, [exchange()])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_changed_after_landing_is_noticed(tmp_path: Path) -> None:
    batch = Landing(tmp_path).write("yahoo", "chart", NIGHT, [exchange()])
    rows = pq.read_table(batch.path).to_pylist()
    rows[0]["body"] = b"something else"
    pq.write_table(pa.Table.from_pylist(rows, schema=store.SCHEMA), batch.path)
    with pytest.raises(LandingError, match="does not match its sha256"):
        list(batch.exchanges())


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    batch = Landing(tmp_path).write("yahoo", "chart", NIGHT, [exchange()])
    batch.path.write_bytes(b"PAR1 damaged")
    with pytest.raises(LandingError, match=r"batch-000000001\.parquet cannot be read"):
        list(batch.exchanges())


def test_nothing_to_land_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="every request must have an outcome"):
        Landing(tmp_path).write("yahoo", "chart", NIGHT, [])
