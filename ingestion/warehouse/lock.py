"""One writer per home. The lock dies with its process, so a killed night never blocks the next one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.errors import HomeBusyError


@contextmanager
def writer_lock(home: Path, purpose: str) -> Iterator[None]:
    """Hold the home's lock; raises `HomeBusyError` naming the holder when another process has it."""
    path = home / ".writer.lock"
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise HomeBusyError(f"the home {home} is in use by {holder}: wait for it to end, or end it") from error
        handle.truncate(0)
        handle.write(f"{purpose} (process {os.getpid()})")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
