"""One HTTP client for all providers: it never raises for what a provider does, it returns an outcome.

Belongs here: pace, retries, and the meaning of a status. Connections, bytes and deadlines belong to `ingestion.wire`,
what of a secret may be read afterwards to `ingestion.redaction`; errors hidden under HTTP 200 belong to the source.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from itertools import chain

import requests
from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential_jitter

from ingestion.breaker import Breaker
from ingestion.connections import Connections
from ingestion.exchange import TRANSIENT, Exchange, Outcome, Request
from ingestion.redaction import Secrets
from ingestion.wire import NO_ADDRESS, Answered, Patience

_LARGEST_PAUSE_SECONDS = 300.0
# A provider's own first pause is for its limits; a line or a server that is down is not calmed by minutes.
SHORT_PAUSE_SECONDS = 2.0
_KEPT_HEADERS = ("content-type", "date", "etag", "last-modified", "retry-after")
_HTML = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Limits:
    """What one provider allows, and how patient we are with it.

    `refusals` and `failures` in a row (per worker) after which it is left alone for the night: see `Breaker`.
    """

    per_second: float = 1.0
    attempts: int = 4
    first_pause_seconds: float = 2.0
    connect_seconds: float = 10.0
    timeout_seconds: float = 30.0
    total_seconds: float = 300.0
    largest_body_bytes: int = 64 * 1024 * 1024
    refusals: int = 3
    failures: int = 20

    @property
    def patience(self) -> Patience:
        return Patience(self.connect_seconds, self.timeout_seconds, self.total_seconds)


# What a status means for the next step, and in words for the person who reads the outcome.
_OF_STATUS: dict[int, tuple[Outcome, str]] = {
    HTTPStatus.BAD_REQUEST: (Outcome.BAD_REQUEST, "the provider does not accept the request"),
    HTTPStatus.UNAUTHORIZED: (Outcome.BLOCKED, "the provider asks for a key, or for another one"),
    HTTPStatus.FORBIDDEN: (Outcome.BLOCKED, "the provider refuses this address or key"),
    HTTPStatus.NOT_FOUND: (Outcome.NOT_FOUND, "the provider does not have it"),
    HTTPStatus.REQUEST_TIMEOUT: (Outcome.SERVER_ERROR, "the provider gave up waiting"),
    HTTPStatus.REQUEST_URI_TOO_LONG: (Outcome.BAD_REQUEST, "the request is too long for the provider"),
    # Binance: banned until a stated moment, and for longer when it is asked before that.
    HTTPStatus.IM_A_TEAPOT: (Outcome.RATE_LIMITED, "the provider has banned this address for a time"),
    HTTPStatus.UNPROCESSABLE_ENTITY: (Outcome.BAD_REQUEST, "the provider does not accept the request"),
    HTTPStatus.TOO_MANY_REQUESTS: (Outcome.RATE_LIMITED, "asked too often"),
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: (Outcome.BLOCKED, "the provider does not serve this region"),
}


def outcome_of_status(status: int) -> Outcome:
    """What an HTTP status means for the next step. Only 2xx is success; a redirect elsewhere is not followed."""
    return _meaning(status)[0]


def _meaning(status: int) -> tuple[Outcome, str | None]:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome.OK, None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        found = Outcome.SERVER_ERROR, "the provider failed"
    elif HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        found = Outcome.BAD_PAYLOAD, "a redirect, which is not followed"
    else:
        found = _OF_STATUS.get(status, (Outcome.BAD_PAYLOAD, "an answer that nobody expects here"))
    return found[0], f"HTTP {status}: {found[1]}"


Judge = Callable[[Exchange], Exchange]


def as_delivered(exchange: Exchange) -> Exchange:
    """The judge of a provider whose HTTP status says it all."""
    return exchange


class HttpClient:
    """Asks one provider at its published pace, from as many threads as like.

    The threads share the pace, the connections and the breaker; nothing of one answer goes into the next request (no
    cookies). A server on this machine is not paced: it imitates providers, nobody else pays for it. Make clients for
    one night: a provider that refuses stays alone as long as its breaker lives.
    """

    def __init__(
        self,
        base_url: str,
        limits: Limits,
        *,
        workers: int = 1,
        secret_headers: Mapping[str, str] | None = None,
        breaker: Breaker | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._connections = Connections(
            base_url, limits.patience, limits.largest_body_bytes, limits.per_second, secret_headers or {}
        )
        self._secrets = Secrets()
        self._breaker = breaker or Breaker(limits.refusals, limits.failures * workers)
        self._retrying = Retrying(
            retry=retry_if_result(lambda exchange: exchange.outcome in TRANSIENT),
            stop=self._is_over,
            wait=self._pause,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=_without_result(sleep),
        )

    def send(self, request: Request, judge: Judge = as_delivered) -> Exchange:
        """The last answer to this request, after as many attempts as its kind of failure deserves.

        `judge` gives an answer its outcome where the status does not: before the decision to ask again.
        """
        refused = self._breaker.not_asked(request, self._clock())
        if refused is not None:
            return refused
        exchange = self._judged_attempt(request, judge)
        if exchange.outcome in TRANSIENT:
            attempts = chain([exchange], iter(partial(self._judged_attempt, request, judge), None))
            exchange = self._retrying(lambda: next(attempts))
        self._breaker.note(exchange, told_to_stay_away=_is_too_long(exchange))
        return exchange

    def close(self) -> None:
        """Let go of the connections."""
        self._connections.close()

    def _judged_attempt(self, request: Request, judge: Judge) -> Exchange:
        exchange = judge(self._attempt(request))
        if exchange.error is not None:
            exchange = replace(exchange, error=self._secrets.hidden_in(exchange.error))
        self._breaker.note_attempt(exchange)
        return exchange

    def _is_over(self, state: RetryCallState) -> bool:
        """Whether to stop: all attempts made, a wait longer than ours, or a provider that nobody asks any more."""
        exchange = state.outcome.result() if state.outcome else None
        too_long = exchange is not None and _is_too_long(exchange)
        return too_long or self._breaker.is_open or state.attempt_number >= self._limits.attempts

    def _pause(self, state: RetryCallState) -> float:
        exchange = state.outcome.result() if state.outcome else None
        asked = retry_after_seconds(exchange) if exchange else None
        if asked is not None:
            return asked
        limited = exchange is not None and exchange.outcome is Outcome.RATE_LIMITED
        first = (
            self._limits.first_pause_seconds if limited else min(self._limits.first_pause_seconds, SHORT_PAUSE_SECONDS)
        )
        return wait_exponential_jitter(multiplier=first, max=_LARGEST_PAUSE_SECONDS)(state)

    def _attempt(self, request: Request) -> Exchange:
        try:
            answered = self._connections.answer(request)
        except requests.exceptions.InvalidHeader:
            answered = Answered(lost="the key that is set for it holds what no header may hold")
        except requests.RequestException:
            answered = Answered(lost=NO_ADDRESS)
        status, headers = answered.status, self._kept(answered.headers)
        if answered.unfit is not None:
            return Exchange(request, Outcome.BAD_PAYLOAD, self._clock(), status, headers, error=answered.unfit)
        if status is None or answered.lost is not None:
            return Exchange(request, Outcome.UNREACHABLE, self._clock(), status, headers, error=answered.lost)
        outcome, said = _meaning(status)
        if outcome is Outcome.OK and answered.body[:200].lstrip().lower().startswith(_HTML):
            outcome, said = Outcome.BAD_PAYLOAD, f"HTTP {status} brought a web page instead of data"
        body = self._secrets.hidden_in_body(answered.body)
        return Exchange(request, outcome, self._clock(), status, headers, body, said)

    def _kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers that are landed; a provider may repeat our key in one as it may in a body."""
        return {name: self._secrets.hidden_in(headers[name]) for name in _KEPT_HEADERS if name in headers}


def _without_result(sleep: Callable[[float], object]) -> Callable[[float], None]:
    """An event's `wait` says whether it was set; what waits between attempts wants to hear nothing."""

    def pause(seconds: float) -> None:
        sleep(seconds)

    return pause


def retry_after_seconds(exchange: Exchange) -> float | None:
    """How long the provider asks to be left alone: seconds or an HTTP date (by the clock of the same answer)."""
    asked = exchange.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), datetime.now(UTC)
        if "date" in exchange.headers:
            now = parsedate_to_datetime(exchange.headers["date"])
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):  # none, or one that cannot be read; one without a zone cannot be compared
        return None


def _is_too_long(exchange: Exchange) -> bool:
    """Whether the provider wants to be left alone for longer than we wait; a ban without an end is one."""
    asked = retry_after_seconds(exchange) if exchange.outcome in TRANSIENT else None
    if asked is not None:
        return asked > _LARGEST_PAUSE_SECONDS
    return exchange.status == HTTPStatus.IM_A_TEAPOT
