"""A night without any network: it ends soon, says what to do, and leaves a home that the next one goes on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion import catalogue
from ingestion.errors import RotationError
from ingestion.night import Night
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.raw_assets import collect

REFUSED = "http://127.0.0.1:9"


@pytest.mark.slow
def test_a_night_without_any_network_ends_soon_in_one_line_and_lets_go_of_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen providers that nobody reaches: pause by pause, the night took more than a quarter of an hour once."""
    for name in ProviderUrls.model_fields:
        monkeypatch.setenv(f"ROTATION_{name.upper()}", REFUSED)
    home, night, shown = Home(home=tmp_path), Night.latest(datetime.now(UTC)), set[str]()
    with (
        progress.heard_by(lambda text, _done, _total: shown.add(text)),
        pytest.raises(RotationError, match=r"^no provider could be reached for the night of .*: check the network"),
    ):
        collect(home, [night], {dataset.key for dataset in catalogue.datasets()}, is_window=False)
    assert "binance_vision metrics" in shown
    assert [path.name for path in tmp_path.rglob("*") if "writing" in path.name or path.suffix == ".wal"] == []
    with writer_lock(tmp_path, "a test"), duckdb.connect(str(home.warehouse)) as warehouse:
        asked = warehouse.execute("""
            select date_diff('second', min(fetched_at), max(fetched_at)) < 60, count(*) > 10_000,
                count(*) filter (outcome <> 'unreachable' and source <> 'registry')
            from meta.request_outcomes""").fetchall()
    assert asked == [(True, True, 0)]
