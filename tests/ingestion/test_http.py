"""The client against a real server on loopback: what each answer means, and how often it is asked again."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ingestion.breaker import Breaker, Line
from ingestion.errors import SettingsError
from ingestion.exchange import Outcome, Request
from ingestion.http import HttpClient, Limits
from ingestion.redaction import redacted
from ingestion.settings import requests_per_second

Answer = tuple[int, dict[str, str], bytes]
REFUSED = "http://127.0.0.1:9"


class Provider(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one for ever."""

    answers: list[Answer]
    asked: list[str]
    drip_seconds = 0.0

    def handle_error(self, *_args: object) -> None:
        """A client that leaves early is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.drip_seconds:
            for byte in body:
                time.sleep(self.server.drip_seconds)
                self.wfile.write(bytes([byte]))
        else:
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def client(provider: Provider, pauses: list[float], workers: int = 1, **limits: float) -> HttpClient:
    usual = Limits(per_second=1000, timeout_seconds=1, largest_body_bytes=1000)
    url = f"http://127.0.0.1:{provider.server_port}"
    return HttpClient(url, replace(usual, **limits), workers=workers, sleep=pauses.append)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "outcome", "attempts"),
    [
        (200, Outcome.OK, 1),
        (301, Outcome.BAD_PAYLOAD, 1),
        (400, Outcome.BAD_REQUEST, 1),
        (401, Outcome.BLOCKED, 1),
        (403, Outcome.BLOCKED, 1),
        (404, Outcome.NOT_FOUND, 1),
        (418, Outcome.RATE_LIMITED, 1),
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


def test_a_body_that_ends_before_its_stated_length_is_asked_again_and_is_not_a_short_answer(provider: Provider) -> None:
    provider.answers = [(200, {"Content-Length": "100"}, b"short")]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.outcome, exchange.body, exchange.error) == (Outcome.UNREACHABLE, b"", "the body ended early")
    assert len(provider.asked) == 4


@pytest.mark.parametrize("kept", [20, -1, -8])
def test_a_compressed_body_cut_within_its_stated_length_is_noticed(provider: Provider, kept: int) -> None:
    whole = gzip.compress(b"a,b\n" * 50, mtime=0)
    provider.answers = [(200, {"Content-Encoding": "gzip"}, whole[:kept]), (200, {"Content-Encoding": "gzip"}, whole)]
    pauses: list[float] = []
    assert client(provider, pauses).send(Request("u", "/")).body == b"a,b\n" * 50
    assert len(pauses) == 1


def test_members_of_a_gzip_body_are_one_answer(provider: Provider) -> None:
    provider.answers = [(200, {"Content-Encoding": "gzip"}, gzip.compress(b"one,") + gzip.compress(b"two"))]
    assert client(provider, []).send(Request("u", "/")).body == b"one,two"


def test_a_chunked_body_without_its_last_chunk_is_noticed(provider: Provider) -> None:
    headers = {"Transfer-Encoding": "chunked", "Connection": "close"}
    provider.answers = [(200, headers, b"5\r\nshort\r\n")]
    assert client(provider, []).send(Request("u", "/")).outcome is Outcome.UNREACHABLE


def test_a_coding_that_was_not_asked_for_is_refused(provider: Provider) -> None:
    provider.answers = [(200, {"Content-Encoding": "br"}, b"xxxx")]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.outcome, exchange.error) == (
        Outcome.BAD_PAYLOAD,
        "the body is packed as 'br', which was not asked for",
    )


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>soon back</html>", b"\n <HTML><body>soon back"])
def test_a_web_page_under_200_is_a_failure_and_not_asked_again(provider: Provider, body: bytes) -> None:
    provider.answers = [(200, {}, body)]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.outcome, exchange.body, len(provider.asked)) == (Outcome.BAD_PAYLOAD, body, 1)
    assert exchange.error == "HTTP 200 brought a web page instead of data"


def test_the_body_of_a_redirect_is_bounded_too(provider: Provider) -> None:
    provider.answers = [(302, {"Location": "/other"}, b"0" * 2000)]
    exchange = client(provider, []).send(Request("u", "/"))
    assert (exchange.body, exchange.status, provider.asked) == (b"", 302, ["/"])


def test_a_drip_that_keeps_the_pause_between_reads_still_ends(provider: Provider) -> None:
    provider.answers, provider.drip_seconds = [(200, {}, b"x" * 100)], 0.05
    started = time.monotonic()
    exchange = client(provider, [], attempts=1, total_seconds=0.3).send(Request("u", "/"))
    assert time.monotonic() - started < 2
    assert (exchange.outcome, exchange.error) == (Outcome.UNREACHABLE, "the answer was not whole after 0.3 s")


def test_silence_ends_after_the_pause_between_reads(provider: Provider) -> None:
    provider.answers, provider.drip_seconds = [(200, {}, b"x")], 4
    exchange = client(provider, [], attempts=1, timeout_seconds=1).send(Request("u", "/"))
    assert (exchange.outcome, exchange.error) == (Outcome.UNREACHABLE, "less than a byte a second came for 1 s")


def test_a_date_to_wait_for_is_read_by_the_clock_of_its_answer(provider: Provider) -> None:
    then = datetime(2020, 1, 1, tzinfo=UTC)  # any clock of ours is years away
    headers = {
        "Date": format_datetime(then, usegmt=True),
        "Retry-After": format_datetime(then + timedelta(seconds=90), usegmt=True),
    }
    provider.answers = [(503, headers, b""), (200, {}, b"ok")]
    pauses: list[float] = []
    assert client(provider, pauses).send(Request("u", "/")).outcome is Outcome.OK
    assert pauses == [90.0]


@pytest.mark.parametrize("asked", ["soon", "", "-5", "Thu, 99 Jan 2020"])
def test_a_wait_that_cannot_be_read_is_our_own_pause(provider: Provider, asked: str) -> None:
    provider.answers = [(429, {"Retry-After": asked}, b""), (200, {}, b"ok")]
    pauses: list[float] = []
    client(provider, pauses).send(Request("u", "/"))
    assert len(pauses) == 1
    assert pauses[0] >= 2


@pytest.mark.parametrize(
    ("status", "headers"),
    [(418, {}), (418, {"Retry-After": "7200"}), (429, {"Retry-After": "86400"}), (451, {})],
)
def test_a_provider_that_bans_is_asked_once_a_night(provider: Provider, status: int, headers: dict[str, str]) -> None:
    provider.answers = [(status, headers, b"")]
    asking = client(provider, [])
    first, second = (asking.send(Request(unit, "/")) for unit in ("first", "second"))
    assert (len(provider.asked), second.outcome, second.status) == (1, first.outcome, None)
    assert first.error is not None
    assert second.error == f"not asked: left alone for the rest of this night after: {first.error}"


def test_a_short_ban_is_waited_for(provider: Provider) -> None:
    provider.answers = [(418, {"Retry-After": "60"}, b""), (200, {}, b"ok")]
    pauses: list[float] = []
    assert client(provider, pauses).send(Request("u", "/")).outcome is Outcome.OK
    assert pauses == [60.0]


def test_a_provider_that_refuses_everything_is_asked_three_times_a_night(provider: Provider) -> None:
    provider.answers = [(403, {}, b"")]
    asking = client(provider, [])
    found = [asking.send(Request("u", "/")) for _ in range(1000)]
    assert (len(provider.asked), {exchange.outcome for exchange in found}) == (3, {Outcome.BLOCKED})
    assert found[-1].error == (
        "not asked: left alone for the rest of this night after 3 refusals in a row, "
        "the last: HTTP 403: the provider refuses this address or key"
    )


def test_one_refused_symbol_among_others_stops_nothing(provider: Provider) -> None:
    provider.answers = [(403, {}, b""), (403, {}, b""), (200, {}, b"ok")] * 5
    asking = client(provider, [])
    for _ in range(15):
        asking.send(Request("u", "/"))
    assert len(provider.asked) == 15


def test_a_provider_that_is_down_is_given_up_after_many_failures_of_each_worker(provider: Provider) -> None:
    provider.answers = [(500, {}, b"")]
    asking = client(provider, [], workers=2, attempts=2, failures=3)
    found = [asking.send(Request("u", "/")) for _ in range(10)]
    assert (len(provider.asked), {exchange.outcome for exchange in found}) == (12, {Outcome.SERVER_ERROR})


def silent(name: str, line: Line, sent: list[str], attempts: int) -> HttpClient:
    """A provider that nobody reaches; every pause is an attempt that was made in vain."""
    breaker = Breaker(3, 20, name, line)
    return HttpClient(REFUSED, Limits(attempts=attempts), breaker=breaker, sleep=lambda _seconds: sent.append(name))


def test_a_provider_that_never_answers_is_given_up_after_three_units() -> None:
    sent: list[str] = []
    asking = silent("yahoo", Line(), sent, attempts=2)
    found = [asking.send(Request(f"u{number}", "/")) for number in range(10)]
    assert (sent, {exchange.outcome for exchange in found}) == (["yahoo"] * 3, {Outcome.UNREACHABLE})
    assert found[-1].error == (
        "not asked: left alone for the rest of this night after 3 failures in a row, "
        "the last: the connection was refused"
    )


def test_where_three_providers_are_silent_and_none_has_spoken_nobody_is_asked_any_more() -> None:
    line, sent = Line(), list[str]()
    first, second, third, fourth = (silent(name, line, sent, attempts=4) for name in ("a", "b", "c", "d"))
    for client_ in (first, second, third):
        client_.send(Request("u", "/"))
    assert sent == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    found = fourth.send(Request("u", "/"))
    assert (found.outcome, len(sent)) == (Outcome.UNREACHABLE, 9)
    assert found.error == "not asked: none of 3 providers could be reached: the connection was refused"


def test_one_provider_that_answers_shows_that_the_line_is_up(provider: Provider) -> None:
    provider.answers = [(404, {}, b"")]
    line, sent = Line(), list[str]()
    answering = HttpClient(f"http://127.0.0.1:{provider.server_port}", Limits(), breaker=Breaker(3, 20, "fred", line))
    answering.send(Request("u", "/"))
    for name in ("a", "b", "c", "d"):
        assert silent(name, line, sent, attempts=4).send(Request("u", "/")).error == "the connection was refused"
    assert len(sent) == 12


def test_nobody_there_names_the_reason_and_no_address() -> None:
    exchange = HttpClient("http://127.0.0.1:9", Limits(per_second=1000), sleep=lambda _seconds: None).send(
        Request("u", "/", {"apikey": "secret"})
    )
    assert (exchange.outcome, exchange.status) == (Outcome.UNREACHABLE, None)
    assert exchange.error == "the connection was refused"


def test_no_key_of_the_environment_is_left_in_a_message_or_a_body(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNODE_API_KEY", "k3y/with+signs")
    monkeypatch.setenv("ROTATION_ETHEREUM_URL", "https://user:pa55word@node.example/v3/0123456789abcdef?token=t0ken-x")
    said = "k3y/with+signs, k3y%2Fwith%2Bsigns, pa55word, 0123456789abcdef and t0ken-x"
    assert redacted(said) == "[secret], [secret], [secret], [secret] and [secret]"
    provider.answers = [(401, {}, b"bad key k3y/with+signs")]
    exchange = client(provider, []).send(Request("u", "/"), judge=lambda found: replace(found, error=said))
    assert (exchange.body, exchange.error) == (b"bad key [secret]", redacted(said))


def test_a_provider_outside_is_reached_by_the_proxy_of_the_environment_at_its_pace(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{provider.server_port}")
    monkeypatch.setenv("no_proxy", "")
    provider.answers = [(200, {}, b"{}")]
    outside = HttpClient("http://user:word@provider.example/v1", Limits(per_second=2))
    begun = time.monotonic()
    outcomes = [outside.send(Request("u", f"/a {number}", {"q": "1 2"})).outcome for number in range(3)]
    outside.close()
    assert outcomes == [Outcome.OK] * 3
    assert provider.asked == [f"http://provider.example/v1/a%20{number}?q=1+2" for number in range(3)]
    assert time.monotonic() - begun > 0.9  # two a second: the third waits


def test_the_pace_of_a_provider_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATION_YAHOO_PER_SECOND", "0.25")
    assert (requests_per_second("yahoo", 1.0), requests_per_second("okx", 2.5)) == (0.25, 2.5)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "fast"])
def test_a_pace_that_is_none_says_how_to_set_one(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ROTATION_YAHOO_PER_SECOND", text)
    with pytest.raises(SettingsError, match=r"ROTATION_YAHOO_PER_SECOND is .*: give the requests a second"):
        requests_per_second("yahoo", 1.0)


def test_the_long_first_pause_of_a_provider_is_for_its_limits_and_not_for_a_line_that_is_down() -> None:
    """Yahoo wants a minute after a 429; without a network a night would otherwise wait for a quarter of an hour."""
    slept: list[float] = []
    limits = Limits(first_pause_seconds=60, attempts=3)
    client = HttpClient("http://127.0.0.1:9", limits, sleep=slept.append)
    assert client.send(Request("u", "/")).outcome is Outcome.UNREACHABLE
    assert len(slept) == 2
    assert sum(slept) < 10
