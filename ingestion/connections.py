"""The kept connections to one provider: what all its requests share is worked out once, each then costs its bytes.

Belongs here: whom to connect to and how (authorisation, proxies and certificates of the environment, the pace), by
requests; carrying one request, by urllib3. requests would work the same out anew for each, which takes four times as
long as carrying it.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import requests
from requests.utils import requote_uri
from requests_ratelimiter import LimiterSession
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout

from ingestion.exchange import Request
from ingestion.wire import ACCEPTED_CODINGS, DeadlineAdapter, Patience

# Yahoo and Cboe answer 429 or 403 to a library's own agent; a plain browser-like one is as far as this project goes.
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


class _Way(NamedTuple):
    """The pool of connections, what stands before each path in a request line, and the headers of every request."""

    pool: HTTPConnectionPool
    prefix: str
    headers: dict[str, str]


class Connections:
    """Carries requests to one provider, from as many threads as `count`, at one pace for all of them.

    A server on this machine is not paced and reached without a proxy. Nothing of one answer goes into the next request
    (no cookies), and a redirect is an answer like any other.
    """

    def __init__(
        self, base_url: str, patience: Patience, count: int, per_second: float, headers: Mapping[str, str]
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._own_headers = dict(headers)
        self._timeout = Timeout(connect=patience.connect_seconds, read=patience.read_seconds)
        self._adapter = DeadlineAdapter(patience.total_seconds, count)
        local = _is_loopback(base_url)
        self._pace = None if local else LimiterSession(per_second=per_second, limit_statuses=[])
        self._session = self._pace or requests.Session()
        self._session.trust_env = not local  # proxies of the environment are for the world outside
        self._session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": ACCEPTED_CODINGS})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    @contextmanager
    def answer(self, request: Request) -> Iterator[BaseHTTPResponse]:
        """The answer with its body unread; a connection whose body was read to its end is used again.

        Raises `requests.RequestException` and urllib3's `HTTPError` for an address or a line that does not work.
        """
        way = self._way
        target = requote_uri(way.prefix + request.path)
        if request.params:
            target += ("&" if "?" in target else "?") + urlencode(dict(request.params))
        body, headers = None, way.headers
        if request.json_body is not None:
            body = json.dumps(request.json_body, allow_nan=False).encode()
            headers = headers | {"Content-Type": "application/json"}
        if self._pace is not None:
            self._pace.limiter.try_acquire(self._base_url, blocking=True)
        response = way.pool.urlopen(
            "GET" if body is None else "POST",
            target,
            body,
            headers,
            self._adapter.max_retries,
            redirect=False,
            assert_same_host=False,
            timeout=self._timeout,
            preload_content=False,
            decode_content=False,
        )
        try:
            yield response
        finally:
            response.close()
            response.release_conn()

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    @cached_property
    def _way(self) -> _Way:
        asked = self._session.prepare_request(
            requests.Request("GET", f"{self._base_url}/", headers=self._own_headers),
        )
        settings = self._session.merge_environment_settings(asked.url, {}, True, None, None)
        proxies, verify, cert = settings["proxies"], settings["verify"], settings["cert"]
        pool = self._adapter.get_connection_with_tls_context(asked, verify, proxies=proxies, cert=cert)
        assert isinstance(pool, HTTPConnectionPool)  # noqa: S101 - narrows: nothing else is mounted
        self._adapter.cert_verify(pool, asked.url, verify, cert)  # type: ignore[no-untyped-call]
        return _Way(pool, self._adapter.request_url(asked, proxies).rstrip("/"), dict(asked.headers))


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
