"""The sensor asks for one night per set of files that have come to rest, and for none without."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion.night import Night
from ingestion.settings import Home
from orchestration.inbox import inbox_sensor


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("ROTATION_HOME", str(tmp_path))
    place = Home()
    place.prepare()
    return place


def looked() -> dg.RunRequest | dg.SkipReason:
    sensor = inbox_sensor(dg.define_asset_job("nightly_refresh"))
    with dg.build_sensor_context() as context:
        found = sensor(context)
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def drop(home: Home, text: str, age_seconds: float) -> None:
    path = home.inbox / "SPY.csv"
    path.write_text(text)
    os.utime(path, (time.time() - age_seconds,) * 2)


def test_an_empty_inbox_and_a_file_that_is_still_written_ask_for_nothing(home: Home) -> None:
    assert isinstance(looked(), dg.SkipReason)
    drop(home, "Date", age_seconds=0)
    assert isinstance(looked(), dg.SkipReason)


def test_a_file_at_rest_asks_for_the_newest_night_once_and_another_file_again(home: Home) -> None:
    drop(home, "Date,Open", age_seconds=60)
    first, again = looked(), looked()
    assert isinstance(first, dg.RunRequest)
    assert first.partition_key == Night.latest(datetime.now(UTC)).day.isoformat()
    assert isinstance(again, dg.RunRequest)
    drop(home, "Date,Open,High", age_seconds=30)
    other = looked()
    assert isinstance(other, dg.RunRequest)
    assert first.run_key != other.run_key
