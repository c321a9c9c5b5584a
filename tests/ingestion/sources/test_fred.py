"""FRED's CSV: the documented rows and each trap by name."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from bodies import spoiled_text
from hypothesis import given, settings

from ingestion.errors import BadPayloadError
from ingestion.sources.fred.parse import parse_closes

# The sample of the provider notes.
ROWS = "2026-07-16,7533.77\n2026-07-17,.\n2026-07-20,7475.80\n"
AFTER = datetime(2026, 7, 21, 12, tzinfo=UTC)
SERIES = f"observation_date,SP500\n{ROWS}"


def closes(text: str) -> list[tuple[date, float]]:
    return [(row.session_date, row.close) for row in parse_closes(text.encode(), "SP500", AFTER)]


@pytest.mark.parametrize("header", ["observation_date,SP500", "DATE,SP500"])
def test_both_headers_are_read(header: str) -> None:
    assert closes(f"{header}\n{ROWS}") == [(date(2026, 7, 16), 7533.77), (date(2026, 7, 20), 7475.8)]


@pytest.mark.parametrize("missing", [".", ""])
def test_a_holiday_is_a_row_without_a_value_and_not_a_zero(missing: str) -> None:
    assert closes(f"observation_date,SP500\n2026-07-17,{missing}\n") == []


def test_a_day_that_has_not_ended_is_left_out() -> None:
    assert closes("observation_date,SP500\n2026-07-20,1\n2026-07-21,2\n2027-01-04,3\n") == [(date(2026, 7, 20), 1.0)]


def test_a_window_of_holidays_is_empty() -> None:
    assert closes("observation_date,SP500\n") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html>Access denied</html>", "the header is"),
        ("observation_date,NASDAQNQUSS\n2026-07-16,1\n", "and not 'observation_date,SP500'"),
        ("observation_date,SP500\n07/16/2026,1\n", "Invalid isoformat"),
        ("observation_date,SP500\n2026-07-16,nan\n", "greater than 0|finite"),
        ("observation_date,SP500\n2026-07-16,0\n", "greater than 0"),
        ("observation_date,SP500\n2026-07-16\n", "has 1 fields"),
        ("", "the header is ''"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        closes(text)


@pytest.mark.slow
@settings(max_examples=1000)
@given(spoiled_text(SERIES))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    with contextlib.suppress(BadPayloadError):
        parse_closes(spoiled, "SP500", AFTER)
