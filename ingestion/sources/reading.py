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
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 4_102_444_800_000  # 2100: in seconds or microseconds a stamp of today lies far outside
_EARLIEST_MS = 946_684_800_000  # 2000


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


def number_or_blank(value: Any) -> float | None:
    """`number` of a provider that leaves what it does not know empty: null, never zero."""
    return None if value == "" else number(value)


def moment_of_ms(value: Any) -> datetime:
    """The UTC moment of a stamp in milliseconds, delivered as an integer or as its text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{value!r} is not a stamp in milliseconds")
    stamp = int(value)
    if not _EARLIEST_MS <= stamp < _LATEST_MS:
        raise ValueError(f"{stamp} is not a stamp in milliseconds")
    return _EPOCH + timedelta(milliseconds=stamp)


def ms_of(moment: datetime) -> int:
    """The stamp in milliseconds of a UTC moment."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def midnight(day: date) -> datetime:
    """The first moment of a UTC day."""
    return datetime.combine(day, time(0), tzinfo=UTC)


def whole_minute(moment: datetime) -> datetime:
    """The nearest whole minute: what names an event whose stamp jitters by milliseconds."""
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)


@dataclass(frozen=True)
class Window:
    """The moments a request asked for, both included. A row outside of it answers another question."""

    first: datetime
    last: datetime

    @classmethod
    def of_ms(cls, first: str, last: str) -> Self:
        """The window of two stamps in milliseconds."""
        return cls(moment_of_ms(first), moment_of_ms(last))

    def holding(self, moment: datetime) -> datetime:
        """`moment`, if it lies inside."""
        if not self.first <= moment <= self.last:
            raise ValueError(f"asked for {self.first} to {self.last} it answered with {moment}")
        return moment


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{type(error).__name__} {str(error).splitlines()[0] if str(error) else ''}"[:300]
