"""The inbox of a home: what lies there is recognised, landed unchanged, loaded, and put into `done` or `rejected`.

Belongs here: the folder and its dangers. A file is taken when it has rested for some seconds, so that one that is
still being written is left alone; only regular files directly in the folder are read, and no link is followed. A crash
between landing and moving leaves the file where it is: the next run finds its bytes in the ledger and only moves it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion import reference
from ingestion.answers import answer
from ingestion.collect import Collected, Dataset, Store
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.sources.inbox.parse import recognise, series_of
from ingestion.warehouse.lock import writer_lock

SOURCE = "inbox"
REST_SECONDS = 10.0
LARGEST_BYTES = 256 * 1024 * 1024
DONE, REJECTED = "done", "rejected"


@dataclass(frozen=True)
class Taken:
    """What became of one file: `dataset` and `rows` of one that was loaded, or why it was rejected."""

    name: str
    dataset: str | None = None
    outcome: Outcome | None = None
    rows: int = 0
    reason: str | None = None


class _RefusedError(Exception):
    """A file that is not read; the text is its reason."""


class _ChangingError(Exception):
    """A file that somebody is still writing."""


def waiting(inbox: Path, now: float | None = None) -> list[os.DirEntry[str]]:
    """What has rested long enough to be taken, by name; hidden files and folders are nobody's."""
    rested = (time.time() if now is None else now) - REST_SECONDS
    try:
        with os.scandir(inbox) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    files = [entry for entry in entries if not entry.is_dir(follow_symlinks=False)]
    return sorted(
        (entry for entry in files if entry.stat(follow_symlinks=False).st_mtime <= rested), key=lambda entry: entry.name
    )


def take_inbox(home: Home, night: Night, datasets: Sequence[Dataset], moment: datetime) -> list[Taken]:
    """Load every file that waits, and put it where it belongs. The rows are known from `moment` on."""
    files = waiting(home.inbox)
    if not files:
        return []
    with writer_lock(home.home, "reading the inbox"), closing(Store(home, datasets)) as store:
        store.load_landed()
        reader = _Reader(home.inbox, store, {dataset.name: dataset for dataset in datasets}, night, moment)
        taken = [reader.take(Path(file.path)) for file in files]
    return [each for each in taken if each is not None]


def collected(taken: Sequence[Taken], dataset: str) -> Collected:
    """What the inbox brought for one dataset, as a night tells it."""
    mine = [each for each in taken if each.dataset == dataset and each.outcome is not None]
    outcomes = {each.outcome: sum(other.outcome is each.outcome for other in mine) for each in mine if each.outcome}
    return Collected(SOURCE, dataset, 0, outcomes, len(mine), sum(each.rows for each in mine))


@dataclass(frozen=True)
class _Reader:
    """One look into one inbox."""

    inbox: Path
    store: Store
    datasets: Mapping[str, Dataset]
    night: Night
    moment: datetime

    def take(self, path: Path) -> Taken | None:
        """Land, load and move one file; None for one that somebody is still writing."""
        try:
            body = _read(path)
            layout = recognise(body)
            series = series_of(layout, path.name, _equity_names())
        except (_RefusedError, BadPayloadError) as error:
            return self._reject(path, Taken(path.name, reason=str(error)))
        except _ChangingError:
            return None
        dataset = self.datasets[layout.dataset]
        digest = hashlib.sha256(body).hexdigest()
        unit = f"{series}/{layout.name}/{digest[:12]}"
        if self.store.known(dataset, self.night, self.moment).landed_sha256.get(unit) == digest:
            _move(path, self.inbox / DONE)
            return Taken(path.name, dataset.name)
        found = answer(dataset, Exchange(Request(unit, f"/{path.name}"), Outcome.OK, self.moment, body=body))
        added = self.store.add(dataset, self.night, [found])
        taken = Taken(path.name, dataset.name, found.exchange.outcome, added, found.exchange.error)
        if taken.reason is not None:
            return self._reject(path, taken)
        _move(path, self.inbox / DONE)
        return taken

    def _reject(self, path: Path, taken: Taken) -> Taken:
        moved = _move(path, self.inbox / REJECTED)
        moved.with_name(f"{moved.name}.reason.txt").write_text(f"{taken.reason}\n", encoding="utf-8")
        return taken


def _read(path: Path) -> bytes:
    """The bytes of a regular file that did not change while it was read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reason = f"it cannot be opened as a file of its own ({error.strerror}): links are not followed"
        raise _RefusedError(reason) from error
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise _RefusedError("it is not a regular file")
        if before.st_size > LARGEST_BYTES:
            raise _RefusedError(
                f"it has {before.st_size} bytes, the largest that is read has {LARGEST_BYTES}: split it"
            )
        body = file.read(LARGEST_BYTES + 1)
        after = os.fstat(file.fileno())
    if len(body) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _ChangingError
    if not body:
        raise _RefusedError("it is empty")
    return body


def _equity_names() -> tuple[str, ...]:
    return tuple(reference.equity_symbols(SOURCE, "equity_bars").values())


def _move(path: Path, folder: Path) -> Path:
    """Put a file into a folder under its own name, or with a number when that is taken; a link is moved as a link."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while os.path.lexists(target):
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    os.rename(path, target)
    return target
