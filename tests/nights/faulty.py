"""The sandbox with faults on the wire: `python -m tests.nights.faulty` takes the sandbox's own arguments.

Which provider fails how on a night follows from `FAULTS_SEED` and `FAULTS_NIGHT` in the environment alone. Belongs
here: the faults. What a provider answers when nothing is wrong is the sandbox's.
"""

from __future__ import annotations

import logging
import os
import random
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestion.sandbox.__main__ import main
from ingestion.sandbox.server import SERVED

SEED, NIGHT = "FAULTS_SEED", "FAULTS_NIGHT"
SHARE_OF_PROVIDERS = 0.3


@dataclass(frozen=True)
class Fault:
    """One way to fail, and how often."""

    name: str
    share: float


FAULTS = (
    Fault("busy", 0.1),  # 503, sometimes
    Fault("down", 1.0),  # 503, always
    Fault("throttled", 0.1),  # 429 with Retry-After
    Fault("region_blocked", 1.0),  # 451
    Fault("forbidden", 1.0),  # 403
    Fault("half_a_body", 0.1),
    Fault("error_page", 0.1),  # HTML under 200
    Fault("empty_object", 0.1),  # {} under 200
    Fault("reset", 0.1),  # the connection ends in the middle of the head
)
_STATUS = {"busy": 503, "down": 503, "throttled": 429, "region_blocked": 451, "forbidden": 403}
_BODY = {"error_page": b"<html><body>Sorry, something went wrong</body></html>", "empty_object": b"{}"}


def faults_of(seed: int, night: str) -> dict[str, Fault]:
    """Which providers fail that night, and how."""
    rng = random.Random(f"{seed} {night}")  # noqa: S311 - not for secrets
    chosen = {}
    for provider in sorted(SERVED):
        fault = rng.choice(FAULTS)
        if rng.random() < SHARE_OF_PROVIDERS:
            chosen[provider] = fault
    return chosen


class Faulty:
    """Stands between the wire and the sandbox's routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._faults = faults_of(int(os.environ[SEED]), os.environ[NIGHT])
        self._rng = random.Random(f"{os.environ[SEED]} {os.environ[NIGHT]} requests")  # noqa: S311

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        provider = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        fault = self._faults.get(provider)
        if fault is None or self._rng.random() >= fault.share:
            await self._app(scope, receive, send)
        elif fault.name in _STATUS:
            headers = [(b"retry-after", b"1")] if fault.name == "throttled" else []
            await _answer(send, _STATUS[fault.name], headers, b"no")
        elif fault.name in _BODY:
            await _answer(send, 200, [(b"content-type", b"text/html")], _BODY[fault.name])
        elif fault.name == "reset":
            raise ConnectionResetError("a fault on purpose")
        else:
            await self._app(scope, receive, _halved(send))


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _halved(send: Send) -> Send:
    """Every body is cut in half while its head promises all of it."""

    async def halved(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2]})
        else:
            await send(message)

    return halved


if __name__ == "__main__":
    logging.disable()  # a traceback a fault would fill the pipe to a parent that does not read it
    raise SystemExit(main(around=Faulty))
