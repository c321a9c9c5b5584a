"""Where a night tells how far it is: the command line listens, Dagster's own log is the default.

Belongs here: one line of text and one bar. What is said belongs to the step that says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

Listener = Callable[[str, int | None, int | None], None]


def _to_log(text: str, done: int | None, total: int | None) -> None:
    if done is None or done == total:
        dg.get_dagster_logger("night").info(text)


_listeners: list[Listener] = [_to_log]


def say(text: str, done: int | None = None, total: int | None = None) -> None:
    """Tell what is being done, and how much of it where that is known."""
    _listeners[-1](text, done, total)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Send everything said inside the block to `listener`."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.pop()
