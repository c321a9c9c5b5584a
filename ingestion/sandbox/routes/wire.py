"""What every provider's module shares: the shape of its routes, and reading what a request says."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]
# Path below the provider's base URL → what answers there.
Routes = dict[str, Endpoint]

_LIBRARY_AGENTS = ("curl/", "python-requests/", "python-urllib")


def is_library(request: Request) -> bool:
    """Whether a request comes with the agent of a library, which some sites refuse."""
    return request.headers.get("user-agent", "curl/").lower().startswith(_LIBRARY_AGENTS)


def whole(text: str | None, default: int) -> int | None:
    """The integer a query parameter says, `default` when it is absent, None when it is not a number."""
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if math.isfinite(value) else None


def listed(text: str | None) -> list[str]:
    """The parts of a comma list."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]
