"""Bytes from a provider: connections that keep a total deadline, bodies that are bounded and whole, and what broke.

Belongs here: what happens below a request's meaning. What a status means and who is asked again belong to the client.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

# What is asked for, and so all that may come: a body in any other coding cannot be checked for its end.
ACCEPTED_CODINGS = "gzip, deflate"
_PIECE_BYTES = 64 * 1024


class DeadlineError(TimeoutError):
    """The answer kept coming, and was not whole when its time was over."""


class TruncatedError(Exception):
    """The body ended before its own coding did, or cannot be decoded."""


class TooLargeError(Exception):
    """The decoded body passes the limit; what was read of it is gone."""


class UnknownCodingError(Exception):
    """The body came in a coding that was not asked for."""


@dataclass(frozen=True)
class Patience:
    """How long one attempt may take, in seconds: to connect, between two reads, and until the answer is whole."""

    connect_seconds: float
    read_seconds: float
    total_seconds: float


class DeadlineAdapter(HTTPAdapter):
    """An adapter whose answers must be whole within a time, however slowly they drip."""

    def __init__(self, total_seconds: float, connections: int) -> None:
        self._pools = _pools(total_seconds)
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._keep_time(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        self._keep_time(manager)
        return manager

    def _keep_time(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = self._pools


def read_body(response: BaseHTTPResponse, largest_bytes: int) -> bytes:
    """The decoded body of a streamed answer, decoded in pieces so that a compressed bomb never unfolds.

    Raises `TooLargeError`, `TruncatedError`, `UnknownCodingError`, and urllib3's errors for a broken transfer.
    """
    decoder = _decoder(response.headers.get("content-encoding", ""), largest_bytes)
    for piece in response.stream(_PIECE_BYTES, decode_content=False):
        decoder.feed(piece)
    return decoder.whole()


def reason(error: BaseException, patience: Patience) -> str:
    """Why a request got no answer, in words of our own: a library's text can carry the address with its query."""
    links = list(_links(error))
    for kinds, text in _REASONS:
        if any(isinstance(link, kinds) for link in links):
            return text.format(patience=patience)
    return type(error).__name__


# In this order: the first that occurs among an error and its causes. Special cases stand before their base classes.
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (DeadlineError, "the answer was not whole after {patience.total_seconds:g} s"),
    (NameResolutionError, "the host name was not found"),
    (ConnectionRefusedError, "the connection was refused"),
    (NewConnectionError, "no connection could be made"),
    (ConnectTimeoutError, "no connection within {patience.connect_seconds:g} s"),
    (SSLError, "no secure connection"),
    (ProxyError, "the proxy set in the environment did not connect"),
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    ((ConnectionResetError, BrokenPipeError), "the connection was reset"),
    ((ReadTimeoutError, TimeoutError), "nothing came for {patience.read_seconds:g} s"),
    (TruncatedError, "the compressed body ended early or is damaged"),
    (http.client.IncompleteRead, "the body ended early"),
    (HTTPError, "the transfer broke off"),
)


def _links(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it was made from: causes, and the errors that requests and urllib3 pack inside."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = (link.__cause__, link.__context__, getattr(link, "reason", None), *link.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]


class _DeadlineBytes(io.RawIOBase):
    """A socket's bytes until a moment: each wait is cut to what is left of the time."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket, total_seconds: float) -> None:
        self._source = source
        self._connection = connection
        self._patience = connection.gettimeout()
        self._deadline = time.monotonic() + total_seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError
        self._connection.settimeout(left if self._patience is None else min(left, self._patience))
        try:
            return self._source.readinto(buffer)
        except TimeoutError as error:
            if time.monotonic() >= self._deadline:
                raise DeadlineError from error
            raise

    def close(self) -> None:
        self._source.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """Reads status, headers and body under one deadline."""

    total_seconds: float

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        source: io.RawIOBase = self.fp.detach()
        self.fp = io.BufferedReader(_DeadlineBytes(source, sock, self.total_seconds))


def _pools(seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's own pools and connections, whose responses keep the deadline."""

    class Response(_DeadlineResponse):
        total_seconds = seconds

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Plain:
    """A body as it is, up to a limit."""

    def __init__(self, largest_bytes: int) -> None:
        self._pieces: list[bytes] = []
        self._room = largest_bytes

    def feed(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise TooLargeError
        self._pieces.append(piece)

    def whole(self) -> bytes:
        return b"".join(self._pieces)


class _Compressed:
    """A gzip or deflate body, which says itself where it ends; gzip may consist of several members."""

    def __init__(self, largest_bytes: int, window_bits: int) -> None:
        self._plain = _Plain(largest_bytes)
        self._largest = largest_bytes
        self._bits = window_bits
        self._member: Any = None

    def feed(self, piece: bytes) -> None:
        while piece:
            if self._member is None:
                self._member = zlib.decompressobj(self._bits)
            try:
                self._plain.feed(self._member.decompress(piece, self._largest + 1))
            except zlib.error as error:
                raise TruncatedError from error
            piece = self._member.unconsumed_tail or self._member.unused_data
            if self._member.eof:
                self._member = None

    def whole(self) -> bytes:
        if self._member is not None:
            raise TruncatedError
        return self._plain.whole()


def _decoder(coding: str, largest_bytes: int) -> _Plain | _Compressed:
    match coding.strip().lower():
        case "" | "identity":
            return _Plain(largest_bytes)
        case "gzip" | "x-gzip":
            return _Compressed(largest_bytes, zlib.MAX_WBITS | 16)
        case "deflate":
            return _Compressed(largest_bytes, zlib.MAX_WBITS)
        case _:
            raise UnknownCodingError(coding[:40])
