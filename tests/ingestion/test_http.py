"""The client against a real server on loopback: what each answer means, and how often it is asked again."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ingestion.exchange import Outcome, Request
from ingestion.http import HttpClient, Limits

Answer = tuple[int, dict[str, str], bytes]


class Provider(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one for ever."""

    answers: list[Answer]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def client(provider: Provider, pauses: list[float], **limits: float) -> HttpClient:
    settings = Limits(per_second=1000, timeout_seconds=1, largest_body_bytes=int(limits.get("largest", 1000)))
    return HttpClient(f"http://127.0.0.1:{provider.server_port}", settings, sleep=pauses.append)


@pytest.mark.parametrize(
    ("status", "outcome", "attempts"),
    [
        (200, Outcome.OK, 1),
        (301, Outcome.BAD_PAYLOAD, 1),
        (400, Outcome.BAD_REQUEST, 1),
        (401, Outcome.BLOCKED, 1),
        (403, Outcome.BLOCKED, 1),
        (404, Outcome.NOT_FOUND, 1),
        (418, Outcome.RATE_LIMITED, 4),
        (429, Outcome.RATE_LIMITED, 4),
        (451, Outcome.BLOCKED, 1),
        (500, Outcome.SERVER_ERROR, 4),
        (503, Outcome.SERVER_ERROR, 4),
    ],
)
def test_only_what_may_pass_is_asked_again(provider: Provider, status: int, outcome: Outcome, attempts: int) -> None:
    provider.answers = [(status, {"Location": "http://127.0.0.1:9/"}, b"body")]
    exchange = client(provider, []).send(Request("u", "/x", {"a": "b"}))
    assert (exchange.outcome, exchange.status, exchange.body) == (outcome, status, b"body")
    assert provider.asked == ["/x?a=b"] * attempts


def test_a_pause_the_provider_asks_for_is_kept_exactly(provider: Provider) -> None:
    provider.answers = [(429, {"Retry-After": "17"}, b""), (200, {}, b"ok")]
    pauses: list[float] = []
    assert client(provider, pauses).send(Request("u", "/")).outcome is Outcome.OK
    assert pauses == [17.0]


def test_pauses_grow_while_the_provider_fails(provider: Provider) -> None:
    provider.answers = [(503, {}, b"")]
    pauses: list[float] = []
    client(provider, pauses).send(Request("u", "/"))
    assert len(pauses) == 3
    assert pauses[0] >= 2
    assert pauses[2] >= 8


def test_a_body_past_the_limit_is_refused_even_when_compressed(provider: Provider) -> None:
    provider.answers = [(200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 1_000_000))]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.outcome, exchange.body) == (Outcome.BAD_PAYLOAD, b"")
    assert exchange.error == "the body is larger than 1000 bytes"


def test_a_truncated_body_is_unreachable_and_not_a_short_answer(provider: Provider) -> None:
    provider.answers = [(200, {"Content-Length": "100"}, b"short")]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.outcome, exchange.body) == (Outcome.UNREACHABLE, b"")


def test_nobody_there_names_the_error_and_no_address() -> None:
    exchange = HttpClient("http://127.0.0.1:9", Limits(per_second=1000), sleep=lambda _seconds: None).send(
        Request("u", "/", {"apikey": "secret"})
    )
    assert (exchange.outcome, exchange.error, exchange.status) == (Outcome.UNREACHABLE, "ConnectionError", None)
