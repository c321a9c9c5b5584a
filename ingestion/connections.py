"""The connections to one provider: what all its requests share is worked out once, each then costs its bytes.

Belongs here: whom to connect to and how (authorisation, proxies and certificates of the environment), as requests finds
it, and the pace; carrying a request belongs to `ingestion.wire`.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import certifi
import requests
from requests.utils import requote_uri, select_proxy, urldefragauth
from requests_ratelimiter import LimiterSession

from ingestion.exchange import Request
from ingestion.wire import ACCEPTED_CODINGS, Answered, Patience, Way, Wire

# Yahoo and Cboe answer 429 or 403 to a library's own agent; a plain browser-like one is as far as this project goes.
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


class Connections:
    """Carries requests to one provider, from as many threads as ask, at one pace for all of them.

    A server on this machine is not paced and reached without a proxy. Nothing of one answer goes into the next request
    (no cookies), and a redirect is an answer like any other.
    """

    def __init__(
        self, base_url: str, patience: Patience, largest_bytes: int, per_second: float, headers: Mapping[str, str]
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._own_headers = dict(headers)
        self._patience = patience
        self._largest = largest_bytes
        self._is_local = _is_loopback(base_url)
        self._pace = None if self._is_local else LimiterSession(per_second=per_second, limit_statuses=[]).limiter

    def answer(self, request: Request) -> Answered:
        """What came of one attempt; raises `requests.RequestException` for an address or a key that is none."""
        wire = self._wire
        path = requote_uri(request.path)
        if request.params:
            path += ("&" if "?" in self._base_url + path else "?") + urlencode(dict(request.params))
        body = None
        if request.json_body is not None:
            body = json.dumps(request.json_body, allow_nan=False).encode()
        if self._pace is not None:
            self._pace.try_acquire(self._base_url, blocking=True)
        return wire.carry(path, body)

    def close(self) -> None:
        """Let go of the connections."""
        if "_wire" in self.__dict__:
            self._wire.close()

    @cached_property
    def _wire(self) -> Wire:
        with requests.Session() as session:
            session.trust_env = not self._is_local  # proxies of the environment are for the world outside
            session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": ACCEPTED_CODINGS})
            asked = session.prepare_request(requests.Request("GET", f"{self._base_url}/", headers=self._own_headers))
            url = str(asked.url)
            settings = session.merge_environment_settings(url, {}, True, None, None)
        try:
            "".join(asked.headers.values()).encode("latin-1")
        except UnicodeEncodeError:
            raise requests.exceptions.InvalidHeader from None  # the error names what of the key it cannot encode
        authorities = Path(str(certifi.where() if settings["verify"] is True else settings["verify"]))
        proxy = select_proxy(url, settings["proxies"]) or ""
        way = Way(urldefragauth(url).rstrip("/"), dict(asked.headers), proxy, str(authorities), authorities.is_dir())
        return Wire(way, self._patience, self._largest)


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
