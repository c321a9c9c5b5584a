"""One HTTP client for all providers: it never raises for what a provider does, it returns an outcome.

Belongs here: transport, pace, retries and the meaning of a status. Errors hidden under HTTP 200 belong to the source.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterSession
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_exponential_jitter

from ingestion.exchange import Exchange, Outcome, Request

# Yahoo and Cboe answer 429 or 403 to a library's own agent; a plain browser-like one is as far as this project goes.
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
_TRANSIENT = (Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE)
_LARGEST_PAUSE_SECONDS = 300.0
_KEPT_HEADERS = ("content-type", "date", "etag", "last-modified", "retry-after")


@dataclass(frozen=True)
class Limits:
    """What one provider allows, and how patient we are with it."""

    per_second: float = 1.0
    attempts: int = 4
    first_pause_seconds: float = 2.0
    timeout_seconds: float = 30.0
    largest_body_bytes: int = 64 * 1024 * 1024


_OUTCOME_OF_STATUS: dict[int, Outcome] = {
    HTTPStatus.BAD_REQUEST: Outcome.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED: Outcome.BLOCKED,
    HTTPStatus.FORBIDDEN: Outcome.BLOCKED,
    HTTPStatus.NOT_FOUND: Outcome.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Outcome.SERVER_ERROR,
    HTTPStatus.REQUEST_URI_TOO_LONG: Outcome.BAD_REQUEST,
    HTTPStatus.IM_A_TEAPOT: Outcome.RATE_LIMITED,  # Binance: banned until a stated moment
    HTTPStatus.UNPROCESSABLE_ENTITY: Outcome.BAD_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS: Outcome.RATE_LIMITED,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: Outcome.BLOCKED,
}


def outcome_of_status(status: int) -> Outcome:
    """What an HTTP status means for the next step. Only 2xx is success; a redirect elsewhere is not followed."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome.OK
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.SERVER_ERROR
    return _OUTCOME_OF_STATUS.get(status, Outcome.BAD_PAYLOAD)


Judge = Callable[[Exchange], Exchange]


def as_delivered(exchange: Exchange) -> Exchange:
    """The judge of a provider whose HTTP status says it all."""
    return exchange


class HttpClient:
    """Asks one provider at its published pace, from as many threads as it may have connections.

    The threads share the pace and the pool. No state is kept between requests (no cookies), so sharing is safe.
    A server on this machine is not paced: it imitates providers, nobody else pays for it.
    """

    def __init__(
        self,
        base_url: str,
        limits: Limits,
        *,
        workers: int = 1,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._limits = limits
        self._clock = clock
        self._session = _session(self._base_url, limits, workers)
        self._retrying = Retrying(
            retry=retry_if_result(lambda exchange: exchange.outcome in _TRANSIENT),
            stop=stop_after_attempt(limits.attempts),
            wait=self._pause,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=sleep,
        )

    def send(self, request: Request, judge: Judge = as_delivered) -> Exchange:
        """The last answer to this request, after as many attempts as its kind of failure deserves.

        `judge` gives an answer its outcome where the status does not: before the decision to ask again.
        """
        exchange = self._retrying(self._judged_attempt, request, judge)
        assert isinstance(exchange, Exchange)  # noqa: S101 - narrows tenacity's untyped result
        return exchange

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _judged_attempt(self, request: Request, judge: Judge) -> Exchange:
        return judge(self._attempt(request))

    def _pause(self, state: RetryCallState) -> float:
        exchange = state.outcome.result() if state.outcome else None
        asked = exchange.headers.get("retry-after", "") if exchange else ""
        if asked.isdigit():
            return min(float(asked), _LARGEST_PAUSE_SECONDS)
        return wait_exponential_jitter(multiplier=self._limits.first_pause_seconds, max=_LARGEST_PAUSE_SECONDS)(state)

    def _attempt(self, request: Request) -> Exchange:
        try:
            with self._session.request(
                "GET" if request.json_body is None else "POST",
                self._base_url + request.path,
                params=dict(request.params),
                json=request.json_body,
                timeout=self._limits.timeout_seconds,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._read(response)
        except requests.RequestException as error:
            # The class alone: the text of a transport error can carry the whole address with its query.
            return Exchange(request, Outcome.UNREACHABLE, self._clock(), error=type(error).__name__)
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        outcome, problem = outcome_of_status(response.status_code), None
        if body is None:
            limit = self._limits.largest_body_bytes
            outcome, body, problem = Outcome.BAD_PAYLOAD, b"", f"the body is larger than {limit} bytes"
        return Exchange(request, outcome, self._clock(), response.status_code, headers, body, problem)

    def _read(self, response: requests.Response) -> bytes | None:
        """The decoded body, or None past the limit; decoding in pieces keeps a compressed bomb from unfolding."""
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_content(64 * 1024):
            size += len(piece)
            if size > self._limits.largest_body_bytes:
                return None
            pieces.append(piece)
        return b"".join(pieces)


def _session(base_url: str, limits: Limits, workers: int) -> requests.Session:
    local = _is_loopback(base_url)
    session = requests.Session() if local else LimiterSession(per_second=limits.per_second, limit_statuses=[])
    session.trust_env = not local  # proxies of the environment are for the world outside
    session.headers["User-Agent"] = _AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=workers)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
