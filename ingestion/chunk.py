"""What is loaded at once: finished units of a dataset, until there are enough of them.

Belongs here: how many those are, and that their answers are read while more of them are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ingestion.answers import READ_TOGETHER, Answer, read_all
from ingestion.collect import Dataset

# A killed night loses the chunks that are not landed; a chunk is also what is loaded in one transaction. A slow
# provider would take hours to fill one, so what it answered is written after a while in any case. 1,280 archives of 288
# rows are three whole row groups: what does not fill one is written anew later.
CHUNK_UNITS, CHUNK_BYTES, CHUNK_SECONDS = 1_280, 256 * 1024 * 1024, 60.0


class Asked:
    """Finished units on their way to be a chunk: their answers are given to be read while more of them come."""

    def __init__(self) -> None:
        self.read: list[Future[list[Answer]]] = []
        self.waiting: list[Answer] = []
        self.ends: list[int] = []
        """How many answers there are up to the last one of each unit."""
        self._size, self._begun = 0, time.monotonic()

    def add(self, unit: Sequence[Answer], read: Callable[[list[Answer]], Future[list[Answer]]]) -> None:
        self.waiting.extend(unit)
        self.ends.append(len(unit) + (self.ends[-1] if self.ends else 0))
        self._size += sum(len(answer.exchange.body) for answer in unit)
        if len(self.waiting) >= READ_TOGETHER:
            self.read.append(read(self.waiting))
            self.waiting = []

    @property
    def is_full(self) -> bool:
        is_due = time.monotonic() - self._begun >= CHUNK_SECONDS
        return len(self.ends) >= CHUNK_UNITS or self._size >= CHUNK_BYTES or is_due


def read(dataset: Dataset, answers: list[Answer]) -> list[Answer]:
    """Answers of a dataset that reads many together; those of any other were read when they came."""
    if dataset.parse_together is None:
        return answers
    return read_all(dataset, [each.exchange for each in answers])
