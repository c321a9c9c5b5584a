"""One request to a provider and what came of it: the unit that is landed.

Belongs here: the shape of a request, the closed vocabulary of outcomes, and their record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_ENCODER = json.JSONEncoder(sort_keys=True, default=str)
_SHA256 = "_sha256"


class Outcome(StrEnum):
    """What became of a request. Only `ok` and `empty` complete a unit; a failure is never an empty result."""

    OK = "ok"
    EMPTY = "empty"
    NOT_YET = "not_yet"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    BAD_PAYLOAD = "bad_payload"


COMPLETE = (Outcome.OK, Outcome.EMPTY)
# What may be over in a moment: the only outcomes after which the same request is sent again.
TRANSIENT = (Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE)


@dataclass(frozen=True)
class Request:
    """What is asked. `unit` names it for ever: a night that is started again skips the units that are complete.

    Several requests may serve one unit; those of the kind `data` are parsed, the others are its evidence.
    """

    unit: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json_body: Mapping[str, object] | None = None
    kind: str = "data"

    def as_json(self) -> str:
        """The request as it is landed; keys are sent as headers and so are never part of it."""
        return _ENCODER.encode({"path": self.path, "params": dict(self.params), "json_body": self.json_body})


@dataclass(frozen=True)
class Exchange:
    """A request, its answer verbatim, and its outcome."""

    request: Request
    outcome: Outcome
    fetched_at: datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None
    unread: bool = False
    """Whether only our parser refuses it: a later one may read it from landing."""

    @property
    def body_sha256(self) -> str:
        """Worked out once; `cached_property` has one lock for all exchanges until Python 3.12: threads take turns."""
        found = self.__dict__.get(_SHA256)
        if found is None:
            found = self.__dict__[_SHA256] = hashlib.sha256(self.body).hexdigest()
        return str(found)

    @property
    def carries_rows(self) -> bool:
        """Whether this is an answer that is parsed."""
        return self.request.kind == "data" and self.outcome in COMPLETE
