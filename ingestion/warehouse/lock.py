"""One writer per home. The lock dies with its process, so a killed night never blocks the next one.

It is the kernel's lock on an open file (flock) and not the file's existence or what it says: the text in it only tells
others who holds it. So nothing that a dead process, another program with its number or another machine left there
has to be recognised as stale.
"""

from __future__ import annotations

import fcntl
import os
import platform
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from ingestion.errors import HomeBusyError, SettingsError

_held: Counter[Path] = Counter()
_open: dict[Path, AbstractContextManager[None]] = {}
_guard = threading.RLock()


@contextmanager
def writer_lock(home: Path, purpose: str) -> Iterator[None]:
    """Hold the home's lock; raises `HomeBusyError` naming the holder when another process has it.

    Raises `SettingsError` when the home cannot be written.
    Within the process that holds it, it may be taken again: a pipeline holds it around the stages that take it too.
    """
    key = home.resolve()
    with _guard:
        if not _held[key]:
            locked = _locked(home, purpose)
            locked.__enter__()
            _open[key] = locked
        _held[key] += 1
    try:
        yield
    finally:
        with _guard:
            _held[key] -= 1
            if not _held[key]:
                _open.pop(key).__exit__(None, None, None)


@contextmanager
def _locked(home: Path, purpose: str) -> Iterator[None]:
    with _opened(home) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise HomeBusyError(f"the home {home} is in use by {holder}: wait for it to end, or end it") from error
        handle.truncate(0)
        handle.write(
            f"{purpose} (process {os.getpid()} on {platform.node()}, since {datetime.now(UTC):%d %b %H:%M} UTC)"
        )
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _opened(home: Path) -> TextIO:
    try:
        return (home / ".writer.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"the home {home} cannot be written ({error.strerror}): let this user write it, or use another home"
        ) from error
