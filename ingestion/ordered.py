"""Work given to threads, its results in the order it was given.

Belongs here: how far threads may run ahead of who takes their results.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_order(pool: ThreadPoolExecutor, work: Callable[[_T], _R], items: Sequence[_T], ahead: int) -> Iterator[_R]:
    """The result of each item, at most `ahead` of them under way or waiting to be taken."""
    waiting = iter(items)
    under_way = deque(pool.submit(work, item) for item in islice(waiting, ahead))
    while under_way:
        yield under_way.popleft().result()
        under_way.extend(pool.submit(work, item) for item in islice(waiting, 1))
