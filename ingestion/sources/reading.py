"""What parsers share: the one way in which anything unexpected in a body becomes `BadPayloadError`.

Belongs here: helpers on bytes and values that no provider owns.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from ingestion.errors import BadPayloadError

_UNEXPECTED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    pa.ArrowException,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn whatever a body does to a parser into `BadPayloadError` naming what it should have been."""
    try:
        yield
    except BadPayloadError:
        raise
    except _UNEXPECTED as error:
        raise BadPayloadError(f"this is not {what}: {_reason(error)}") from error


def json_of(body: bytes) -> Any:
    """The JSON of a body; `NaN` and `Infinity` are not JSON."""
    return json.loads(body, parse_constant=_refuse_constant)


def number(value: Any) -> float | None:
    """A finite number delivered as number or decimal string, or null."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise TypeError(f"{value} is not a number")
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"{value} is not finite")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{type(error).__name__} {str(error).splitlines()[0] if str(error) else ''}"[:300]
