"""When a provider is left alone for the rest of a night: it refuses us, bans us, or has been down for long.

Belongs here: what a row of outcomes says about the provider as a whole. One instance serves all threads of one night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from threading import Lock

from ingestion.exchange import TRANSIENT, Exchange, Outcome, Request

# A ban, and a refusal of the whole region: no other request of this night will fare better.
_FINAL = (HTTPStatus.IM_A_TEAPOT, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)


@dataclass(frozen=True)
class _Cause:
    outcome: Outcome
    text: str


class Breaker:
    """Counts what ends in the same kind of failure in a row; any other answer begins the count anew.

    `refusals` (401, 403, or the same said under another status) stop asking because the next key or symbol could still
    be allowed, but not the hundredth. `failures` (timeouts, 5xx, 429 after all attempts) stop it when the provider is
    down: without that each of ten thousand units would wait for all its attempts.
    """

    def __init__(self, refusals: int, failures: int) -> None:
        self._allowed = {"refusals": refusals, "failures": failures}
        self._in_a_row = {"refusals": 0, "failures": 0}
        self._cause: _Cause | None = None
        self._guard = Lock()

    @property
    def is_open(self) -> bool:
        """Whether nobody asks any more."""
        return self._cause is not None

    def not_asked(self, request: Request, now: datetime) -> Exchange | None:
        """The outcome of a request that is not sent, or None while the provider is asked."""
        cause = self._cause
        return None if cause is None else Exchange(request, cause.outcome, now, error=f"not asked: {cause.text}")

    def note(self, exchange: Exchange, *, told_to_stay_away: bool = False) -> None:
        """Count the final outcome of a request; `told_to_stay_away`: for longer than anybody here waits."""
        with self._guard:
            if self._cause is not None:
                return
            kind = _kind(exchange.outcome)
            for name in self._in_a_row:
                self._in_a_row[name] = self._in_a_row[name] + 1 if name == kind else 0
            if kind is None:
                return
            said = exchange.error or exchange.outcome.value
            if exchange.status in _FINAL or told_to_stay_away:
                self._cause = _Cause(exchange.outcome, f"left alone for the rest of this night after: {said}")
            elif self._in_a_row[kind] >= self._allowed[kind]:
                count = self._in_a_row[kind]
                text = f"left alone for the rest of this night after {count} {kind} in a row, the last: {said}"
                self._cause = _Cause(exchange.outcome, text)


def _kind(outcome: Outcome) -> str | None:
    if outcome is Outcome.BLOCKED:
        return "refusals"
    return "failures" if outcome in TRANSIENT else None
