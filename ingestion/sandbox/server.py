"""The sandbox server: every provider's routes over one market directory, on loopback, in a process of its own.

Belongs here: the application and its process. What a provider answers belongs to its module in `routes/`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from ingestion.errors import SettingsError
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes import (
    binance_futures,
    binance_reserves,
    binance_vision,
    blockscout,
    bybit,
    cboe,
    coingecko,
    coinmarketcap,
    coinmetrics,
    cryptoquant,
    ethereum,
    fred,
    glassnode,
    nasdaq,
    okx,
    yahoo,
)

_HOST = "127.0.0.1"
_PROVIDERS = {
    "yahoo": yahoo.routes,
    "cboe": cboe.routes,
    "nasdaq": nasdaq.routes,
    "fred": fred.routes,
    "binance_vision": binance_vision.routes,
    "binance_futures": binance_futures.routes,
    "binance_reserves": binance_reserves.routes,
    "bybit": bybit.routes,
    "okx": okx.routes,
    "coinmetrics": coinmetrics.routes,
    "coingecko": coingecko.routes,
    "coinmarketcap": coinmarketcap.routes,
    "cryptoquant": cryptoquant.routes,
    "glassnode": glassnode.routes,
    "ethereum": ethereum.routes,
    "blockscout": blockscout.routes,
}
SERVED = frozenset(_PROVIDERS)
_END_SECONDS = 5


def urls(base: str) -> dict[str, str]:
    """The environment that points every client of the pipeline at the sandbox."""
    return {f"ROTATION_{name.upper()}_URL": f"{base}/{name}" for name in _PROVIDERS}


def application(market: Market) -> Starlette:
    """All routes over `market`."""
    return Starlette(
        routes=[
            Route(f"/{name}{path}", endpoint, methods=["GET", "POST"])
            for name, routes in _PROVIDERS.items()
            for path, endpoint in routes(market).items()
        ]
    )


def run(
    market: Path, last_day: date, port: int, *, with_parent: bool, around: Callable[[ASGIApp], ASGIApp] | None = None
) -> None:
    """Serve until stopped; says on standard output where, once connections are accepted.

    with_parent: end when standard input is closed, which a parent's end does however it ends. around: what stands
    between the wire and the routes.
    Raises `SettingsError` for a market that cannot be opened and a port that is taken.
    """
    with Market(market, last_day) as opened, contextlib.closing(_listen(port)) as listener:
        served: ASGIApp = application(opened)
        server = uvicorn.Server(
            uvicorn.Config(around(served) if around else served, log_level="warning", access_log=False)
        )
        print(f"http://{_HOST}:{listener.getsockname()[1]}", flush=True)
        if with_parent:
            threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


@contextlib.contextmanager
def serve(market: Path, last_day: date, port: int = 0, module: str = "ingestion.sandbox") -> Iterator[str]:
    """Run the server in a process beside this one and give its base URL; port 0 takes any free one.

    module: what is run; it takes this server's arguments.
    The process ends with the block, and with this process even if that is killed.
    Raises `SettingsError` with the server's own words when it cannot start.
    """
    process = subprocess.Popen(  # noqa: S603 - this interpreter and this package
        [sys.executable, "-m", module, "--with-parent",
         "--market", str(market), "--last-day", last_day.isoformat(), "--port", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))},
    )  # fmt: skip
    try:
        assert process.stdout  # noqa: S101 - narrows: it is a pipe
        base = process.stdout.readline().strip()
        if not base:
            _, said = process.communicate()
            raise SettingsError((said.strip().splitlines() or ["the sandbox ended without a word"])[-1])
        yield base
    finally:
        _end(process)


_ROOT = Path(__file__).parents[2]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _stop_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(
            f"port {port} on {_HOST} cannot be used ({error}): choose another or end its user"
        ) from error
    listener.listen(128)
    return listener
