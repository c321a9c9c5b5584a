"""When a provider is left alone for the rest of a night: it refuses us, bans us, never answers, or is down for long.

Belongs here: what a row of outcomes says about the provider as a whole, and silence all around about our own line. One
instance serves all threads of one night.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from threading import Lock

from ingestion.exchange import TRANSIENT, Exchange, Outcome, Request

# A ban, and a refusal of the whole region: no other request of this night will fare better.
_FINAL = (HTTPStatus.IM_A_TEAPOT, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
# A provider that has never answered is given up after so many units; our own line, after so many attempts at so many
# providers: with the pauses between them a quarter of a minute, in which a machine that just woke finds its network.
_SILENT_UNITS, _SILENT_ATTEMPTS, _SILENT_PROVIDERS = 3, 4, 3


@dataclass(frozen=True)
class _Cause:
    outcome: Outcome
    text: str


class Line:
    """Whether anybody at all answers: where several providers are silent and nobody has spoken, the fault is here."""

    def __init__(self) -> None:
        self._attempts: Counter[str] = Counter()
        self._has_answer = False
        self._cause: _Cause | None = None
        self._guard = Lock()

    @property
    def cause(self) -> _Cause | None:
        """Why nobody is asked any more, or None."""
        return None if self._has_answer else self._cause

    def note(self, provider: str, exchange: Exchange) -> None:
        """Count one attempt."""
        with self._guard:
            if exchange.status is not None:
                self._has_answer = True
                return
            self._attempts[provider] += 1
            silent = sum(attempts >= _SILENT_ATTEMPTS for attempts in self._attempts.values())
            if silent >= _SILENT_PROVIDERS:
                self._cause = _Cause(exchange.outcome, f"none of {silent} providers could be reached: {exchange.error}")


class Breaker:
    """Counts what ends in the same kind of failure in a row; any other answer begins the count anew.

    `refusals` (401, 403, or the same said under another status) stop asking because the next key or symbol could still
    be allowed, but not the hundredth. `failures` (timeouts, 5xx, 429 after all attempts) stop it when the provider is
    down: without that each of ten thousand units would wait for all its attempts. One that has not answered once is
    given up sooner.
    """

    def __init__(self, refusals: int, failures: int, provider: str = "", line: Line | None = None) -> None:
        self._allowed = {"refusals": refusals, "failures": failures}
        self._in_a_row = {"refusals": 0, "failures": 0}
        self._provider = provider
        self._line = line or Line()
        self._has_answered = False
        self._cause: _Cause | None = None
        self._guard = Lock()

    @property
    def is_open(self) -> bool:
        """Whether nobody asks any more."""
        return self._why is not None

    @property
    def _why(self) -> _Cause | None:
        return self._cause or self._line.cause

    def not_asked(self, request: Request, now: datetime) -> Exchange | None:
        """The outcome of a request that is not sent, or None while the provider is asked."""
        cause = self._why
        return None if cause is None else Exchange(request, cause.outcome, now, error=f"not asked: {cause.text}")

    def note_attempt(self, exchange: Exchange) -> None:
        """Count one attempt at a request."""
        self._line.note(self._provider, exchange)
        if exchange.status is not None:
            self._has_answered = True

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
            elif self._in_a_row[kind] >= self._enough(kind):
                count = self._in_a_row[kind]
                text = f"left alone for the rest of this night after {count} {kind} in a row, the last: {said}"
                self._cause = _Cause(exchange.outcome, text)

    def _enough(self, kind: str) -> int:
        return self._allowed[kind] if self._has_answered else min(self._allowed[kind], _SILENT_UNITS)


def _kind(outcome: Outcome) -> str | None:
    if outcome is Outcome.BLOCKED:
        return "refusals"
    return "failures" if outcome in TRANSIENT else None
