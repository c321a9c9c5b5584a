"""Nasdaq's historical quotes: the documented answer and each trap by name."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.sources.nasdaq.parse import judge, parse_bars

AFTER = datetime(2026, 9, 28, 10, tzinfo=UTC)
ROW = {
    "date": "09/25/2026",
    "close": "$341.07",
    "volume": "30,002,510",
    "open": "$336.04",
    "high": "$341.67",
    "low": "$334.53",
}


def answer(*rows: dict[str, str], symbol: str = "IWM", total: int | None = None, code: int = 200) -> dict[str, Any]:
    """The documented envelope."""
    return {
        "data": {
            "symbol": symbol,
            "totalRecords": len(rows) if total is None else total,
            "tradesTable": {"rows": list(rows)},
        },
        "message": None,
        "status": {"rCode": code},
    }


def parsed(envelope: object) -> list[Any]:
    return parse_bars(json.dumps(envelope).encode(), "IWM", AFTER)


def judged(body: bytes) -> Exchange:
    return judge(Exchange(Request("IWM", "/x"), Outcome.OK, AFTER, 200, body=body))


def test_the_documented_row_with_dollars_and_commas() -> None:
    (row,) = parsed(answer(ROW))
    assert (row.session_date, row.open, row.high, row.low, row.close, row.volume) == (
        *(date(2026, 9, 25), 336.04, 341.67, 334.53, 341.07, 30_002_510),
    )


def test_thousands_in_a_price() -> None:
    (row,) = parsed(answer(ROW | {"high": "$1,341.67"}))
    assert row.high == 1341.67


def test_dashes_are_unknown_and_not_zero() -> None:
    (row,) = parsed(answer(ROW | {"volume": "--", "open": "--"}))
    assert (row.volume, row.open) == (None, None)
    assert parsed(answer(ROW | {"close": "--"})) == []


def test_newest_first_comes_out_oldest_first_and_of_two_on_one_date_the_newer_counts() -> None:
    rows = parsed(answer(ROW | {"close": "$3"}, ROW | {"close": "$2"}, ROW | {"date": "09/24/2026"}))
    assert [(row.session_date.day, row.close) for row in rows] == [(24, 341.07), (25, 3)]


def test_a_page_that_stops_early_is_no_answer() -> None:
    with pytest.raises(BadPayloadError, match="1 of 2 bars"):
        parsed(answer(ROW, total=2))


def test_no_rows_in_the_window_is_empty_when_the_envelope_says_so() -> None:
    assert parsed(answer()) == []


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (400, Outcome.BAD_REQUEST),
        (403, Outcome.BLOCKED),
        (404, Outcome.NOT_FOUND),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.SERVER_ERROR),
        (201, Outcome.BAD_PAYLOAD),
        ("400", Outcome.BAD_PAYLOAD),
    ],
)
def test_a_refusal_under_http_200_is_what_its_code_says(code: object, outcome: Outcome) -> None:
    error = [{"code": 1001, "errorMessage": "Symbol not exists."}]
    body = {"data": None, "message": None, "status": {"rCode": code, "bCodeMessage": error}}
    found = judged(json.dumps(body).encode())
    assert found.outcome is outcome
    assert "Symbol not exists" in str(found.error)


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b'{"status":null}', b""])
def test_what_is_not_an_envelope_is_left_to_the_parser(body: bytes) -> None:
    assert judged(body).outcome is Outcome.OK
    with pytest.raises(BadPayloadError):
        parse_bars(body, "IWM", AFTER)


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        (answer(ROW, symbol="SPY"), "answered with 'SPY'"),
        (answer(ROW, code=400), "refused IWM"),
        (answer(ROW | {"date": "2026-09-25"}), "not enough values"),
        (answer(ROW | {"close": "$-3"}), "greater than 0"),
        (answer(ROW | {"volume": "1.5"}), "volume"),
        (answer({"date": "09/25/2026"}), "KeyError 'close'"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(envelope: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parsed(envelope)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(answer(ROW, ROW | {"date": "09/24/2026"})))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    judged(spoiled)
    with contextlib.suppress(BadPayloadError):
        parse_bars(spoiled, "IWM", AFTER)
