"""A past night built again: to the bit what it published, although a provider has restated since."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from whole_nights import Place, rotation

from orchestration.validation import ledger
from tests.nights import small

MARTS = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"


def hashes(path: Path) -> dict[str, str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return ledger.content_hashes(connection, "marts", [row[0] for row in connection.sql(MARTS).fetchall()])


def restate(market: Path) -> None:
    """The provider gives another close for a past session of the Russell 2000."""
    bars = market / "equity_bars.parquet"
    changed = bars.with_suffix(".changed")
    duckdb.execute(f"""
        copy (select * replace (if(symbol = '^RUT' and session_date = date '2026-01-15', close * 0.99, close) as close)
              from '{bars}') to '{changed}' (format parquet)""")
    os.replace(changed, bars)


@pytest.mark.slow
def test_a_rebuild_as_of_a_past_night_is_what_that_night_published(tmp_path: Path) -> None:
    place = Place(tmp_path / "home", small.make_market(tmp_path / "market"))
    place.night("2026-01-16")
    then = hashes(place.home / "published" / "rotation.duckdb")
    restate(place.market)
    place.night("2026-01-17")
    now = hashes(place.home / "published" / "rotation.duckdb")
    assert now["equity_breakout"] != then["equity_breakout"], "the restated close is in use"

    output = tmp_path / "then.duckdb"
    done = rotation("rebuild", "--home", str(place.home), "--output", str(output), ROTATION_AS_OF="2026-01-17T18:00Z")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hashes(output) == then
    assert hashes(place.home / "published" / "rotation.duckdb") == now, "the home itself is only read"
    assert "Claims that differ" in done.stdout

    compared = rotation("claims", "--compare", "1", str(output), "--home", str(place.home))
    assert compared.returncode == 0, compared.stderr
    assert "no verdict or value differs" in compared.stdout
