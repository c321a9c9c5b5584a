"""A sample of the derivatives archive on disk, and a server that gives its files as fast as a loopback can.

Belongs here: what is measured against. The server does nothing but look a path up: what a benchmark shows is ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

ROWS_A_FILE = 288
_HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
)
_FOLDER = "data/futures/um/daily/metrics"


def make(folder: Path, symbols: list[str], first: date, days: int) -> list[str]:
    """Write one zip for each symbol and day; returns the units, `symbol/day`. Values walk at random from one seed."""
    rng = np.random.default_rng(1)
    units = []
    for symbol in symbols:
        (folder / symbol).mkdir(parents=True)
        for offset in range(days):
            day = first + timedelta(days=offset)
            name = f"{symbol}-metrics-{day}"
            with zipfile.ZipFile(
                folder / symbol / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=6
            ) as archive:
                archive.writestr(zipfile.ZipInfo(f"{name}.csv"), _text(rng, symbol, day), zipfile.ZIP_DEFLATED)
            units.append(f"{symbol}/{day}")
    return units


def _text(rng: np.random.Generator, symbol: str, day: date) -> str:
    held = 50_000 * np.exp(np.cumsum(rng.normal(0, 0.002, ROWS_A_FILE)))
    ratios = np.exp(np.cumsum(rng.normal(0, 0.01, (ROWS_A_FILE, 4)), axis=0))
    lines = [
        f"{day} {minute // 60:02d}:{minute % 60:02d}:00,{symbol},{own:.8f},{own * 43.21:.8f},"
        f"{four[0]:.8f},{four[1]:.8f},{four[2]:.8f},{four[3]:.8f}\n"
        for minute, own, four in zip(range(0, 1440, 5), held, ratios, strict=True)
    ]
    return _HEADER + "".join(lines)


def listing_of(path: str) -> str:
    """Where the bucket lists the file at `path` among those of its symbol and year."""
    prefix = path.removeprefix("/").removesuffix(path[-len("01-31.zip") :])
    return f"/?{urlencode({'prefix': prefix})}"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The base URL of a server over `folder`, in a process of its own that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.archive", str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


class _Files(asyncio.Protocol):
    """GET over kept connections, one answer for each request line."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            request, self._pending = self._pending.split(b"\r\n\r\n", 1)
            path = request.split(b" ", 2)[1]
            self._transport.write(self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))


def _answer(content: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: binary/octet-stream\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _listing(etags: dict[str, str]) -> bytes:
    """The answer of S3 for the files of one symbol and year."""
    files = "".join(
        f"<Contents><Key>{key}</Key><ETag>&quot;{etag}&quot;</ETag></Contents>" for key, etag in etags.items()
    )
    return f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{files}</ListBucketResult>'.encode()


async def _serve(folder: Path) -> None:
    answers: dict[bytes, bytes] = {}
    listed: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted(folder.rglob("*.zip")):
        body = path.read_bytes()
        checksum = f"{hashlib.sha256(body).hexdigest()}  {path.name}\n".encode()
        key = f"{_FOLDER}/{path.parent.name}/{path.name}"
        for name, content in ((key, body), (f"{key}.CHECKSUM", checksum)):
            answers[f"/{name}".encode()] = _answer(content)
            listed[listing_of(f"/{key}")][name] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    answers |= {path.encode(): _answer(_listing(etags)) for path, etags in listed.items()}
    server = await asyncio.get_running_loop().create_server(lambda: _Files(answers), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
