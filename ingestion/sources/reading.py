"""What parsers share: the one way in which anything unexpected in a body becomes `BadPayloadError`.

Belongs here: helpers on bytes and values that no provider owns.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
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
    csv.Error,
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


def csv_rows(body: bytes, *headers: Sequence[str]) -> list[list[str]]:
    """The rows of a CSV below its header, which must be one of `headers`; every row has as many fields as it."""
    lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    header = next(lines, [])
    if header not in [list(each) for each in headers]:
        raise ValueError(f"the header is {','.join(header)[:80]!r} and not {','.join(headers[0])!r}")
    rows = [row for row in lines if row]
    if crooked := next((row for row in rows if len(row) != len(header)), None):
        raise ValueError(f"the row {','.join(crooked)[:80]!r} has {len(crooked)} fields and not {len(header)}")
    return rows


def american_date(text: str) -> date:
    """The day of `MM/DD/YYYY`, and of nothing that merely looks like it."""
    month, day, year = text.split("/")
    return date.fromisoformat(f"{year}-{month}-{day}")


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
