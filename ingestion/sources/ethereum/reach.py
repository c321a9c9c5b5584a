"""How many blocks are asked of a node at once: as many as it answers, found by asking.

Belongs here: narrowing and widening. What a refusal looks like belongs to `parse`, and which blocks are asked to
the source.
"""

from __future__ import annotations

from threading import Lock

SMALLEST_RANGE = 50
_WIDER = 1.5
_FIRST_ROW, _LONGEST_ROW = 4, 64


class Reach:
    """The range of one night, shared by its threads: halved by a refusal, half as much again after a row of answers.

    A refusal may be about one spell of many transfers, or about a limit that never moves. So each one doubles the row
    of answers that it takes to widen again, up to 64: a limit that stays costs one request in so many.
    """

    def __init__(self, largest: int) -> None:
        self.blocks = largest
        """How many blocks to ask for now."""
        self._largest = largest
        self._row = _FIRST_ROW
        self._answers = 0
        self._guard = Lock()

    def narrow(self, refused: int) -> None:
        """So many blocks were too wide; while the range is narrower already, that is another thread's old news."""
        with self._guard:
            if refused > self.blocks:
                return
            self._answers = 0
            self._row = min(self._row * 2, _LONGEST_ROW)
            self.blocks = min(self.blocks, max(refused // 2, SMALLEST_RANGE))

    def widen(self, answered: int) -> None:
        """So many blocks were answered; what remained of a day says nothing of the range."""
        with self._guard:
            if answered < self.blocks:
                return
            self._answers += 1
            if self._answers >= self._row:
                self._answers = 0
                self.blocks = min(int(self.blocks * _WIDER), self._largest)
