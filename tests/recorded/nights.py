"""The nights that the pages are about, run as a user runs them; a home that has one already is not asked again."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.end_to_end.whole_nights import RECORDED, Place

NIGHTS = ("2026-01-16", "2026-01-22", "2026-04-17")


@contextlib.contextmanager
def recorded_home(home: Path | None) -> Iterator[Place]:
    """The recorded market after all nights, in `home` or in a temporary one."""
    with contextlib.ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        place = Place(folder, RECORDED)
        published = (folder / "published" / "rotation.duckdb").exists()
        there = (
            set(place.published("select distinct evaluation_date::varchar as night from marts.claims")["night"])
            if published
            else set()
        )
        for night in NIGHTS:
            if night not in there:
                print(f"night of {night} …", flush=True)
                place.night(night)
        yield place
