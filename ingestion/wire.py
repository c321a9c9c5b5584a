"""Bytes to a provider and back, by libcurl: an answer comes whole, bounded and in time, or it is said why not.

Belongs here: what happens below a request's meaning. Whom to connect to belongs to `ingestion.connections`; what a
status means and who is asked again belong to the client.
"""

from __future__ import annotations

import errno
import math
import zlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pycurl

# What is asked for, and so all that may come: a body in any other coding cannot be checked for its end.
ACCEPTED_CODINGS = "gzip, deflate"
_WINDOW_BITS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
NO_ADDRESS = "the address that is set for it is none"
_BROKE_OFF = "the transfer broke off"


@dataclass(frozen=True)
class Patience:
    """How long one attempt may take, in seconds: to connect, at less than a byte of the body a second, and until the
    answer is whole. libcurl counts the second in whole seconds and over some of them: a silence after many bytes is
    noticed some seconds late."""

    connect_seconds: float
    read_seconds: float
    total_seconds: float


@dataclass(frozen=True)
class Way:
    """What all requests to one provider share: what stands before each path, headers, proxy ('' is none), and the file
    or folder of the certificate authorities that are trusted."""

    base_url: str
    headers: Mapping[str, str]
    proxy: str
    authorities: str
    authorities_are_folder: bool = False


@dataclass(frozen=True)
class Answered:
    """What came of one transfer: status and headers as far as they arrived, and the decoded body, or why there is none.

    `lost` says why it did not arrive whole, `unfit` why what arrived is not taken.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: str | None = None
    unfit: str | None = None


class TruncatedError(Exception):
    """The body ended before its own coding did, or cannot be decoded."""


class TooLargeError(Exception):
    """The decoded body passes the limit; what was read of it is gone."""


class Wire:
    """Carries requests over kept connections, from as many threads as like: each has a connection of its own while it
    waits."""

    def __init__(self, way: Way, patience: Patience, largest_bytes: int) -> None:
        self._way = way
        self._patience = patience
        self._largest = largest_bytes
        self._too_large = f"the body is larger than {largest_bytes} bytes"
        self._idle: deque[_Handle] = deque()

    def carry(self, path: str, json_body: bytes | None = None) -> Answered:
        """GET a path with its query, quoted; POST where there is a body. No redirect is followed."""
        try:
            handle = self._idle.pop()
        except IndexError:
            handle = _Handle(self._way, self._patience, self._largest)
        try:
            return self._carried(handle, path, json_body)
        finally:
            handle.forget()
            self._idle.append(handle)

    def close(self) -> None:
        """Let go of the connections."""
        while self._idle:
            self._idle.pop().curl.close()

    def _carried(self, handle: _Handle, path: str, json_body: bytes | None) -> Answered:
        curl = handle.curl
        curl.setopt(pycurl.URL, self._way.base_url + path)
        handle.set_body(json_body)
        code = pycurl.E_OK
        try:
            curl.perform()
        except pycurl.error as error:
            code = int(error.args[0])
        status, (headers, are_whole) = curl.getinfo(pycurl.RESPONSE_CODE) or None, _headers(handle.lines)
        if status is None:  # what came is a proxy's
            headers = {}
        if code == pycurl.E_FILESIZE_EXCEEDED:
            return Answered(status, headers, unfit=self._too_large)
        if code != pycurl.E_OK or not are_whole:
            return Answered(status, headers, lost=self._why(code, curl))
        return self._received(status, headers, handle.pieces)

    def _received(self, status: int | None, headers: Mapping[str, str], packed: Iterable[bytes]) -> Answered:
        coding = headers.get("content-encoding", "").lower()
        if coding not in {"", "identity", *_WINDOW_BITS}:
            return Answered(status, headers, unfit=f"the body is packed as '{coding[:40]}', which was not asked for")
        try:
            return Answered(status, headers, _decoded(packed, coding, self._largest))
        except TooLargeError:
            return Answered(status, headers, unfit=self._too_large)
        except TruncatedError:
            return Answered(status, headers, lost="the compressed body ended early or is damaged")

    def _why(self, code: int, curl: pycurl.Curl) -> str:
        """In words of our own: those of libcurl can carry the address."""
        was_sent = bool(curl.getinfo(pycurl.REQUEST_SIZE))
        if self._way.proxy and (code == pycurl.E_COULDNT_CONNECT or curl.getinfo(pycurl.HTTP_CONNECTCODE) >= _REFUSED):
            return _NO_PROXY
        if code == pycurl.E_OPERATION_TIMEDOUT:
            return self._too_late(curl, was_sent=was_sent)
        if code == pycurl.E_UNSUPPORTED_PROTOCOL and was_sent:
            return "no answer of the kind that HTTP gives"
        return _WHY_BY_SYSTEM.get((code, curl.getinfo(pycurl.OS_ERRNO))) or _WHY.get(code, _BROKE_OFF)

    def _too_late(self, curl: pycurl.Curl, *, was_sent: bool) -> str:
        patience = self._patience
        if not was_sent:
            return f"no connection within {min(patience.connect_seconds, patience.total_seconds):g} s"
        if curl.getinfo(pycurl.TOTAL_TIME) >= patience.total_seconds:
            return f"the answer was not whole after {patience.total_seconds:g} s"
        return f"less than a byte a second came for {patience.read_seconds:g} s"


_NO_PROXY = "the proxy set in the environment did not connect"
# What a proxy answers to CONNECT when it does not.
_REFUSED = 300
_WHY_BY_SYSTEM = {(pycurl.E_COULDNT_CONNECT, errno.ECONNREFUSED): "the connection was refused"} | {
    (code, number): "the connection was reset"
    for code in (pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR)
    for number in (errno.ECONNRESET, errno.EPIPE)
}
_WHY = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the host name was not found",
    pycurl.E_COULDNT_RESOLVE_PROXY: _NO_PROXY,
    pycurl.E_COULDNT_CONNECT: "no connection could be made",
    pycurl.E_SSL_CONNECT_ERROR: "no secure connection",
    pycurl.E_PEER_FAILED_VERIFICATION: "no secure connection",
    pycurl.E_SSL_CACERT_BADFILE: "no secure connection",
    pycurl.E_GOT_NOTHING: "the connection was closed without an answer",
    pycurl.E_PARTIAL_FILE: "the body ended early",
    pycurl.E_URL_MALFORMAT: NO_ADDRESS,
    pycurl.E_UNSUPPORTED_PROTOCOL: NO_ADDRESS,
}


def new_handle() -> pycurl.Curl:
    """What every connection has: HTTP alone, version 1.1, and only the proxies and authorities that it is given."""
    curl = pycurl.Curl()
    curl.unsetopt(pycurl.CAINFO)
    for option, value in _FIXED:
        curl.setopt(option, value)
    return curl


_FIXED = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
    (pycurl.PATH_AS_IS, 1),
    (pycurl.LOW_SPEED_LIMIT, 1),
    (pycurl.NOPROXY, ""),
)


class _Handle:
    """A connection, and what comes over it until it is forgotten."""

    def __init__(self, way: Way, patience: Patience, largest_bytes: int) -> None:
        self.pieces: list[bytes] = []
        self.lines: list[bytes] = []
        self._headers = [f"{name}: {value}".encode("latin-1") for name, value in way.headers.items()]
        self.curl = new_handle()
        for option, value in (
            (pycurl.PROXY, way.proxy),
            (pycurl.CAPATH if way.authorities_are_folder else pycurl.CAINFO, way.authorities),
            (pycurl.PROXY_CAPATH if way.authorities_are_folder else pycurl.PROXY_CAINFO, way.authorities),
            (pycurl.CONNECTTIMEOUT_MS, math.ceil(patience.connect_seconds * 1000)),
            (pycurl.TIMEOUT_MS, math.ceil(patience.total_seconds * 1000)),
            (pycurl.LOW_SPEED_TIME, math.ceil(patience.read_seconds)),
            (pycurl.MAXFILESIZE_LARGE, largest_bytes),
            (pycurl.WRITEFUNCTION, self.pieces.append),
            (pycurl.HEADERFUNCTION, self.lines.append),
        ):
            self.curl.setopt(option, value)

    def set_body(self, json_body: bytes | None) -> None:
        if json_body is None:
            self.curl.setopt(pycurl.HTTPGET, 1)
            self.curl.setopt(pycurl.HTTPHEADER, self._headers)
        else:
            self.curl.setopt(pycurl.POSTFIELDS, json_body)
            self.curl.setopt(pycurl.HTTPHEADER, [*self._headers, b"Content-Type: application/json", b"Expect:"])

    def forget(self) -> None:
        self.pieces.clear()
        self.lines.clear()


def _headers(lines: Sequence[bytes]) -> tuple[dict[str, str], bool]:
    """The headers of the last status line, by their names in lower case, and whether all of them came. What follows a
    body is not among them."""
    found: dict[str, str] = {}
    are_whole = False
    for line in lines:
        if line.startswith(b"HTTP/"):
            found, are_whole = {}, False
        elif not line.strip():
            are_whole = True
        elif not are_whole:
            name, _, value = line.decode("latin-1").partition(":")
            name, value = name.strip().lower(), value.strip()
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found, are_whole


def _decoded(packed: Iterable[bytes], coding: str, largest_bytes: int) -> bytes:
    """A body without its coding, which says itself where it ends; gzip may consist of several members. Decoded piece by
    piece and no further than the limit: a compressed bomb never unfolds."""
    if coding not in _WINDOW_BITS:
        return b"".join(packed)
    decoded, room, member = [], largest_bytes, None
    for piece in packed:
        rest = piece
        while rest:
            member = member or zlib.decompressobj(_WINDOW_BITS[coding])
            try:
                decoded.append(member.decompress(rest, room + 1))
            except zlib.error as error:
                raise TruncatedError from error
            room -= len(decoded[-1])
            if room < 0:
                raise TooLargeError
            rest, member = (member.unused_data, None) if member.eof else (member.unconsumed_tail, member)
    if member is not None:
        raise TruncatedError
    return b"".join(decoded)
