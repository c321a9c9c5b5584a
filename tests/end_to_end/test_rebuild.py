"""A past night built again: to the bit what it published, whatever was restated before it and after it."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from whole_nights import Place, rotation

from ingestion.night import Night
from ingestion.settings import Home
from orchestration.raw_assets import collect
from orchestration.validation import ledger
from tests.nights import small

MARTS = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
RESTATED = """
    select row_key::json ->> 'session_date' as session, column_name, round(relative_change, 4) as change, reason
    from meta.revisions where table_name = 'yahoo_chart' and column_name = 'close' order by 1"""


def hashes(path: Path) -> dict[str, str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return ledger.content_hashes(connection, "marts", [row[0] for row in connection.sql(MARTS).fetchall()])


def restate(market: Path, session: str, factor: float) -> None:
    """The provider gives another close for a past session of the Russell 2000."""
    bars = market / "equity_bars.parquet"
    changed = bars.with_suffix(".changed")
    duckdb.execute(f"""
        copy (select * replace (if(symbol = '^RUT' and session_date = '{session}', close * {factor}, close) as close)
              from '{bars}') to '{changed}' (format parquet)""")
    os.replace(changed, bars)


@pytest.mark.slow
def test_a_rebuild_as_of_a_later_night_is_what_that_night_published(tmp_path: Path) -> None:
    """Tuesday's night found Thursday's close restated over what Friday's had built; Wednesday's restates once more."""
    place = Place(tmp_path / "home", small.make_market(tmp_path / "market"))
    published = place.home / "published" / "rotation.duckdb"
    place.night("2026-01-16")
    friday = hashes(published)
    restate(place.market, "2026-01-15", 0.99)
    place.night("2026-01-20")
    tuesday = hashes(published)
    assert tuesday["equity_breakout"] != friday["equity_breakout"], "the restated close is in use"
    restate(place.market, "2026-01-12", 1.02)
    collect(Home(home=place.home), [Night.parse("2026-01-21")], {("yahoo", "chart")}, is_window=False)

    output = tmp_path / "then.duckdb"
    done = rotation("rebuild", "--home", str(place.home), "--output", str(output), ROTATION_AS_OF="2026-01-21T10:30Z")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hashes(output) == tuesday
    assert hashes(published) == tuesday, "the home itself is only read"
    assert "no verdict or value differs between then and published" in done.stdout

    first = [("2026-01-15", "close", -0.01, "restated")]
    assert duckdb.connect(str(output), read_only=True).sql(RESTATED).fetchall() == first
    assert [*map(tuple, place.warehouse(RESTATED).to_numpy())] == [("2026-01-12", "close", 0.02, "restated"), *first]

    compared = rotation("claims", "--compare", "1", str(output), "--home", str(place.home), COLUMNS="200")
    assert compared.returncode == 0, compared.stderr
    assert "Claims that differ" in compared.stdout
    assert "Restated between them" in compared.stdout
    assert "yahoo chart" in compared.stdout
    assert "-1.00%" in compared.stdout
