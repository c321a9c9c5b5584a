"""A provider on a real socket that answers as it is told: late, in drops, in part, or not at all."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from ingestion.exchange import Request

DRIP_SECONDS = 0.01


class Manner(Enum):
    """How an answer is sent."""

    WHOLE = auto()
    HALF = auto()  # the connection ends in the middle of the stated length
    UNENDED = auto()  # chunked, without the last chunk
    DRIP = auto()
    SILENT = auto()
    RESET = auto()


@dataclass(frozen=True)
class Asked:
    """What tells one request from another."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    json_body: str = ""

    @classmethod
    def of(cls, request: Request) -> Asked:
        """The request as it will arrive."""
        method = "GET" if request.json_body is None else "POST"
        body = "" if request.json_body is None else json.dumps(request.json_body, sort_keys=True)
        return cls(method, request.path.rstrip("/"), tuple(sorted(request.params.items())), body)


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: Manner = Manner.WHOLE


Serve = Callable[[Asked], Reply]


class Provider(ThreadingHTTPServer):
    """Serves whatever `serve` says and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.serve: Serve = lambda _asked: Reply(404)
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_args: object) -> None:
        """A client that leaves early is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _answer(self, method: str) -> None:
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(json.loads(sent), sort_keys=True) if sent else ""
        params = tuple(sorted(parse_qsl(url.query, keep_blank_values=True)))
        asked = Asked(method, url.path.rstrip("/"), params, body)
        self.server.asked.append(asked)
        self._send(self.server.serve(asked))

    def _send(self, reply: Reply) -> None:
        match reply.manner:
            case Manner.SILENT:
                self.connection.recv(1)  # until the client has had enough
                return
            case Manner.RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            case Manner.UNENDED:
                length = {"Transfer-Encoding": "chunked"}
            case _:
                length = {"Content-Length": str(len(reply.body))}
        self.send_response_only(reply.status)
        for name, value in {**length, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        match reply.manner:
            case Manner.HALF:
                self.wfile.write(reply.body[: len(reply.body) // 2])
            case Manner.UNENDED:
                self.wfile.write(f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n")
            case Manner.DRIP:
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(DRIP_SECONDS)
            case _:
                self.wfile.write(reply.body)


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """A server that runs as long as the block."""
    server = Provider()
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
