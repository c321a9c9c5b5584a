"""Cboe's files: the documented answers and each trap by name."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bodies import spoiled_json, spoiled_text
from hypothesis import HealthCheck, given, settings

from ingestion.errors import BadPayloadError
from ingestion.sources.cboe.parse import parse_bars, parse_closes

AFTER = datetime(2026, 9, 23, 10, tzinfo=UTC)
# The sample of the provider notes, to the letter.
DOCUMENTED = (
    b'{"timestamp":"2026-09-23 02:02:04","symbol":"_SPX","data":[{"date":"2026-09-22","volume":"0.0",'
    b'"open":"7770.810000","high":"7782.190000","low":"7756.260000","close":"7764.640000"}]}'
)
CLOSES = "DATE,RUT\n07/07/2026,2940.100000\n07/08/2026,2956.388700\n"


def bar(day: str, close: str, **others: str) -> dict[str, str]:
    return {"date": day, "volume": "0.0", "open": close, "high": close, "low": close, "close": close} | others


def body(*bars: dict[str, str], symbol: str = "_SPX") -> bytes:
    return json.dumps({"timestamp": "2026-09-23 02:02:04", "symbol": symbol, "data": bars}).encode()


def test_the_documented_bar_whose_numbers_are_strings() -> None:
    (row,) = parse_bars(DOCUMENTED, "_SPX", AFTER)
    assert (row.session_date, row.open, row.high, row.low, row.close, row.volume) == (
        *(date(2026, 9, 22), 7770.81, 7782.19, 7756.26, 7764.64, 0.0),
    )


def test_rows_in_any_order_come_out_oldest_first() -> None:
    rows = parse_bars(body(bar("2026-09-22", "3"), bar("2026-09-18", "1"), bar("2026-09-21", "2")), "_SPX", AFTER)
    assert [row.close for row in rows] == [1, 2, 3]


def test_an_open_of_zero_in_early_rows_is_unknown_and_not_a_price() -> None:
    (row,) = parse_bars(body(bar("1975-01-02", "70.23", open="0.000000")), "_SPX", AFTER)
    assert (row.open, row.close) == (None, 70.23)


def test_of_two_bars_on_one_date_the_last_counts() -> None:
    (row,) = parse_bars(body(bar("2026-09-22", "1"), bar("2026-09-22", "2")), "_SPX", AFTER)
    assert row.close == 2


@pytest.mark.parametrize(("hour", "kept"), [(19, 1), (20, 2)])
def test_a_session_that_has_not_ended_is_left_out(hour: int, kept: int) -> None:
    """In September New York closes at 20:00 UTC."""
    rows = parse_bars(
        body(bar("2026-09-21", "1"), bar("2026-09-22", "2")), "_SPX", datetime(2026, 9, 22, hour, tzinfo=UTC)
    )
    assert len(rows) == kept


def test_the_documented_close_with_its_american_date() -> None:
    rows = parse_closes(CLOSES.encode(), "RUT", AFTER)
    assert [(row.session_date, row.close) for row in rows] == [
        (date(2026, 7, 7), 2940.1),
        (date(2026, 7, 8), 2956.3887),
    ]


@pytest.mark.parametrize(
    ("given_body", "reason"),
    [
        (b"<html>Just a moment...</html>", "is not the daily bars of _SPX"),
        (body(symbol="_RUT"), "answered with '_RUT'"),
        (body(), "whole series of _SPX without a bar"),
        (body(bar("2026-09-22", "NaN")), "not finite"),
        (body(bar("2026-09-22", "-1")), "greater than 0"),
        (body(bar("09/22/2026", "1")), "Invalid isoformat"),
        (b'{"symbol":"_SPX","data":[{"date":"2026-09-22","close":"1"}]}', "KeyError 'open'"),
        (b'{"symbol":"_SPX","data":null}', "TypeError"),
    ],
)
def test_bars_that_are_none_are_a_failure_that_says_why(given_body: bytes, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_bars(given_body, "_SPX", AFTER)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html></html>", "the header is"),
        ("DATE,SPX\n07/08/2026,1\n", "and not 'DATE,RUT'"),
        ("DATE,RUT\n", "whole series of RUT without a bar"),
        ("DATE,RUT\n2026-07-08,1\n", "not enough values"),
        ("DATE,RUT\n07/08/2026,1,2\n", "has 3 fields"),
        ("DATE,RUT\n07/08/2026,inf\n", "finite number"),
        ('DATE,RUT\n07/08/2026,"1\n', "unexpected end of data"),
    ],
)
def test_closes_that_are_none_are_a_failure_that_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_closes(text.encode(), "RUT", AFTER)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(json.loads(body(bar("2026-09-21", "1.5"), bar("2026-09-22", "2.5")))))
def test_a_thousand_bodies_of_bars_give_rows_or_our_error(spoiled: Any) -> None:
    with contextlib.suppress(BadPayloadError):
        assert parse_bars(spoiled, "_SPX", AFTER)


@pytest.mark.slow
@settings(max_examples=1000)
@given(spoiled_text(CLOSES))
def test_a_thousand_bodies_of_closes_give_rows_or_our_error(spoiled: bytes) -> None:
    with contextlib.suppress(BadPayloadError):
        assert parse_closes(spoiled, "RUT", AFTER)
