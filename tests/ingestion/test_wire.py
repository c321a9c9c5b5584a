"""Below a request's meaning: trust, proxies, kept connections, and answers that break off, over real sockets."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme

from ingestion import wire
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import HttpClient, Limits

_LIMITS = Limits(per_second=1000, attempts=1, connect_seconds=2, timeout_seconds=2, total_seconds=5)
_MUCH = 100_000_000
_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"


def asked(url: str, request: Request | None = None, limits: Limits = _LIMITS) -> Exchange:
    with closing(HttpClient(url, limits)) as client:
        return client.send(request or Request("u", "/x"))


@contextmanager
def listening(answer: Callable[[socket.socket], object], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that hears one request on each connection and then does as it likes with it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    plain, _ = server.accept()
                except OSError:  # the block has ended
                    return
                try:
                    with tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
                        connection.recv(65_536)
                        answer(connection)
                except OSError:  # a client that does not trust us, or leaves
                    continue

        Thread(target=serve, daemon=True).start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def saying(answer: bytes) -> Callable[[socket.socket], object]:
    return lambda connection: connection.sendall(answer)


class _Kept(BaseHTTPRequestHandler):
    """Keeps its connections, counts them, and remembers what it was sent."""

    protocol_version = "HTTP/1.1"
    connections: set[tuple[str, int]]
    seen: list[tuple[str, str | None, str | None, bytes]]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        self.connections.add(self.client_address)
        self.seen.append((self.command, self.headers["Cookie"], self.headers["Content-Type"], body))
        self.send_response_only(200)
        self.send_header("Set-Cookie", "who=you")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


@pytest.fixture
def kept() -> Iterator[tuple[str, type[_Kept]]]:
    handler = type("Handler", (_Kept,), {"connections": set(), "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def secure(authority: trustme.CA, name: str = "127.0.0.1") -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    with listening(saying(_LENGTH + b"\r\nok"), context) as url:
        yield url


def test_a_server_that_nobody_vouches_for_is_not_listened_to(authority: trustme.CA) -> None:
    with secure(authority) as url:
        found = asked(url)
    assert (found.outcome, found.error, found.body) == (Outcome.UNREACHABLE, "no secure connection", b"")


def outside(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server under a name that is not this machine's: what the environment says counts for it."""
    monkeypatch.setattr("ingestion.connections._is_loopback", lambda _url: False)
    return url


def test_an_authority_of_the_environment_is_trusted_and_vouches_for_its_names_alone(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with secure(authority) as right, secure(authority, "other.example") as wrong:
        found = [asked(outside(url, monkeypatch)) for url in (right, wrong)]
    assert [(each.outcome, each.body, each.error) for each in found] == [
        (Outcome.OK, b"ok", None),
        (Outcome.UNREACHABLE, b"", "no secure connection"),
    ]


def test_a_folder_of_authorities_is_all_that_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In such a folder OpenSSL finds an authority by the hash of its name."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which names the files of such a folder, is not installed")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    with secure(authority) as url:
        before = asked(outside(url, monkeypatch))
        certificate = tmp_path / "authority.pem"
        authority.cert_pem.write_to_path(str(certificate))
        named = ["openssl", "x509", "-hash", "-noout", "-in", str(certificate)]
        certificate.rename(tmp_path / f"{subprocess.check_output(named, text=True).strip()}.0")
        after = asked(outside(url, monkeypatch))
    assert (before.error, after.body) == ("no secure connection", b"ok")


def test_a_file_of_authorities_that_is_not_there_is_no_reason_to_trust_anybody(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with secure(authority) as url:
        assert asked(outside(url, monkeypatch)).error == "no secure connection"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the connection was closed without an answer"),
        (b"hello\r\nthere\r\n\r\n", "no answer of the kind that HTTP gives"),
        (b"HTTP/1.1 200 OK\r\nContent-", "the transfer broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok", "the transfer broke off"),
        (b"HTTP/1.1 000 Nothing\r\nContent-Length: 2\r\n\r\nok", "no answer of the kind that HTTP gives"),
        (_LENGTH + b"\r\n", "the body ended early"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n", "the transfer broke off"),
    ],
)
def test_an_answer_that_is_not_whole_is_none(answer: bytes, error: str) -> None:
    with listening(saying(answer)) as url:
        found = asked(url)
    assert (found.outcome, found.body, found.error) == (Outcome.UNREACHABLE, b"", error)


def test_a_preliminary_answer_and_what_follows_the_body_are_no_part_of_its_headers() -> None:
    whole = (
        b"HTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\n\r\n"
        b'HTTP/1.1 200 OK\r\nETag: "a"\r\nETag: "b"\r\nTransfer-Encoding: chunked\r\nTrailer: Last-Modified\r\n\r\n'
        b"2\r\nok\r\n0\r\nLast-Modified: never\r\n\r\n"
    )
    with listening(saying(whole)) as url:
        found = asked(url)
    assert (found.status, found.body, found.headers) == (200, b"ok", {"etag": '"a", "b"'})


def test_a_line_that_never_ends_is_bounded() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nETag: ")
        while sent < _MUCH:
            connection.sendall(b"x" * 10_000)
            sent += 10_000

    with listening(endless) as url:
        assert asked(url).outcome is Outcome.UNREACHABLE
    assert sent < _MUCH


@pytest.mark.parametrize("url", ["file:///etc", "ftp://127.0.0.1:9/x", "nowhere", "http://"])
def test_what_is_no_address_of_http_is_asked_nothing(url: str) -> None:
    found = asked(url, Request("u", "/hosts"))
    assert (found.outcome, found.body, found.error) == (Outcome.UNREACHABLE, b"", wire.NO_ADDRESS)


def test_connections_are_kept_and_cookies_are_not(kept: tuple[str, type[_Kept]]) -> None:
    url, handler = kept
    with closing(HttpClient(url, _LIMITS)) as client:
        for number in range(5):
            assert client.send(Request("u", f"/{number}")).body == b"ok"
    assert len(handler.connections) == 1
    assert {cookie for _, cookie, _, _ in handler.seen} == {None}


def test_a_get_after_a_post_sends_nothing_of_it(kept: tuple[str, type[_Kept]]) -> None:
    url, handler = kept
    with closing(HttpClient(url, _LIMITS)) as client:
        client.send(Request("u", "/", json_body={"a": 1}))
        client.send(Request("u", "/"))
    assert handler.seen == [("POST", None, "application/json", b'{"a": 1}'), ("GET", None, None, b"")]


def test_a_kept_connection_that_was_closed_meanwhile_costs_no_attempt() -> None:
    """Each connection serves one request, says that it will be kept, and is gone."""
    with listening(saying(_LENGTH + b"\r\nok")) as url, closing(HttpClient(url, _LIMITS)) as client:
        assert [client.send(Request("u", "/")).outcome for _ in range(3)] == [Outcome.OK] * 3


def test_members_without_number_are_one_body() -> None:
    """Empty members cost a client that copies what follows each of them the square of their number."""
    body = gzip.compress(b"") * 20_000 + gzip.compress(b"ok")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with listening(saying(head + body)) as url:
        assert asked(url).body == b"ok"


@pytest.mark.parametrize("total_seconds", [5, 0.3], ids=["connect", "total"])
def test_a_server_that_accepts_nobody_is_given_up_in_time(total_seconds: float) -> None:
    limits = replace(_LIMITS, connect_seconds=0.4, total_seconds=total_seconds)
    with socket.socket() as full, socket.socket() as waiting, socket.socket() as late:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for connection in (waiting, late):
            connection.setblocking(False)
            connection.connect_ex(full.getsockname())
        found = asked(f"http://127.0.0.1:{full.getsockname()[1]}", limits=limits)
    assert (found.outcome, found.error) == (Outcome.UNREACHABLE, f"no connection within {min(0.4, total_seconds)} s")


def test_a_handshake_that_never_ends_is_no_connection() -> None:
    with listening(lambda connection: connection.recv(1)) as url:
        found = asked(url.replace("http", "https"), limits=replace(_LIMITS, connect_seconds=0.4))
    assert found.error == "no connection within 0.4 s"


@pytest.mark.parametrize("key", ["k\u20acy", "key\nX: y"])
def test_a_key_that_no_header_may_hold_is_named_so_and_not_shown(key: str) -> None:
    with closing(HttpClient("http://127.0.0.1:9", _LIMITS, secret_headers={"X-Api-Key": key})) as client:
        assert client.send(Request("u", "/")).error == "the key that is set for it holds what no header may hold"


def test_a_key_of_another_alphabet_is_sent_as_it_is(kept: tuple[str, type[_Kept]]) -> None:
    url, handler = kept
    with closing(HttpClient(url, _LIMITS, secret_headers={"Cookie": "k\xe9y"})) as client:
        assert client.send(Request("u", "/")).body == b"ok"
    assert handler.seen[0][1] == "k\xe9y"


def proxied(url: str, proxy: str, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "")
    return asked(url)


def test_a_proxy_that_is_not_there_is_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("http://provider.example", "https://provider.example"):
        found = proxied(url, "http://127.0.0.1:9", monkeypatch)
        assert found.error == "the proxy set in the environment did not connect"


def test_a_proxy_that_refuses_to_connect_is_no_answer_of_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = b"HTTP/1.1 503 Not now\r\nRetry-After: 3600\r\nETag: proxy\r\nContent-Length: 0\r\n\r\n"
    with listening(saying(refusal)) as proxy:
        found = proxied("https://provider.example", proxy, monkeypatch)
    assert (found.outcome, found.status, found.headers) == (Outcome.UNREACHABLE, None, {})
    assert found.error == "the proxy set in the environment did not connect"


def test_no_test_reaches_an_address_outside_this_machine(refused_hosts: list[str]) -> None:
    assert asked("http://192.0.2.1").error == "no connection could be made"
    assert refused_hosts == ["192.0.2.1"]
