"""A night knows its last day; settings errors are one line that says what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.errors import SettingsError
from ingestion.night import Night
from ingestion.settings import Home


def test_before_the_archive_publishes_the_newest_closed_day_is_the_one_before() -> None:
    assert Night.latest(datetime(2026, 1, 17, 10, 29, tzinfo=UTC)).day == date(2026, 1, 15)
    assert Night.latest(datetime(2026, 1, 17, 10, 30, tzinfo=UTC)).day == date(2026, 1, 16)


def test_a_night_runs_after_its_day_has_closed_everywhere() -> None:
    assert Night.parse("2026-01-16").as_of == datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "", "2026-02-30"])
def test_an_unknown_date_says_how_to_write_one(text: str) -> None:
    with pytest.raises(SettingsError, match="write it as YYYY-MM-DD"):
        Night.parse(text)


def test_a_home_that_is_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SettingsError, match="set ROTATION_HOME to a writable folder"):
        Home(home=blocked).prepare()
