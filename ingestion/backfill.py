"""Backfill: a window of past days, asked unit by unit, that goes on where it was stopped.

Belongs here: what of the catalogue a window asks for. Asking, landing and loading are those of a night.

A dataset whose catalogue entry says `backfill: true` is asked for exactly the days of the window, each unit once: what
is complete is never asked again, so a window that was killed goes on with the rest. The other datasets give the present
or their whole history with every night; they are asked only where the window ends after everything the home knows.
Units are landed under the window's last day, which never makes the newest night of the home older.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from ingestion.asking import Clock, Sleep
from ingestion.collect import Collected, Dataset, Store
from ingestion.night import Night
from ingestion.nightly import Progress, collect_night, utc_now
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse.lock import writer_lock


def collect_window(  # noqa: PLR0917 - the window, then what a caller may watch or replace
    home: Home,
    first: Night,
    last: Night,
    datasets: Sequence[Dataset],
    urls: ProviderUrls,
    clock: Clock = utc_now,
    progress: Progress | None = None,
    sleep: Sleep | None = None,
) -> list[Collected]:
    """Ask for what the home lacks of the days from `first` to `last`, land every answer, load it."""
    home.prepare()
    with writer_lock(home.home, f"backfilling {first.day} to {last.day}"):
        with closing(Store(home, datasets)) as store:
            newest = store.newest_night()
            store.record_window(first.day, last.day)
        wanted = window_of(first, last, datasets, newest)
        found = collect_night(home, last, wanted, urls, clock, progress, sleep)
        with closing(Store(home, datasets)) as store:
            store.assess_coverage(last)
    return found


def window_of(first: Night, last: Night, datasets: Sequence[Dataset], newest: Night | None) -> list[Dataset]:
    """The datasets as a window asks for them, in their order."""
    days = (last.day - first.day).days + 1
    return [
        dataset.over(days) if dataset.over is not None else dataset
        for dataset in datasets
        if dataset.over is not None or newest is None or last >= newest
    ]
