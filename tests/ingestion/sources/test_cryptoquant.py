"""CryptoQuant's exchange flows: the documented answer, each trap by name, and what a token outside the plan becomes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.sources.cryptoquant.dataset import exchange_flows
from ingestion.sources.cryptoquant.parse import judge, parse_entities, parse_flows

AFTER = datetime(2026, 10, 8, tzinfo=UTC)
NIGHT = Night(date(2026, 10, 7))
# The shape of the documentation; the value there is illustrative.
DOCUMENTED = (
    b'{"status":{"code":200,"message":"success"},'
    b'"result":{"window":"day","data":[{"date":"2026-10-06","netflow_total":-100}]}}'
)


def answer(*days: dict[str, Any], code: object = 200, window: str = "day") -> dict[str, Any]:
    return {"status": {"code": code, "message": "m"}, "result": {"window": window, "data": list(days)}}


def day(text: str, value: object, name: str = "netflow_total") -> dict[str, Any]:
    return {"date": text, name: value}


def parsed(body: object, metric: str = "netflow", moment: datetime = AFTER) -> list[tuple[date, float | None]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [(row.date, row.value) for row in parse_flows(raw, "LINK", "binance", metric, moment)]


def judged(body: object, outcome: Outcome = Outcome.OK, status: int = 200) -> Exchange:
    return judge(Exchange(Request("LINK", "/x"), outcome, AFTER, status, body=json.dumps(body).encode()))


def test_the_documented_answer() -> None:
    assert parsed(DOCUMENTED) == [(date(2026, 10, 6), -100.0)]


def test_rows_that_come_newest_first_come_out_oldest_first() -> None:
    assert [d.day for d, _ in parsed(answer(day("2026-10-06", 1), day("2026-10-05", 2)))] == [5, 6]


@pytest.mark.parametrize(("minute", "kept"), [(29, 1), (30, 2)])
def test_the_newest_day_is_partial_until_half_past_midnight(minute: int, kept: int) -> None:
    body = answer(day("2026-10-07", 1), day("2026-10-06", 2))
    assert len(parsed(body, moment=datetime(2026, 10, 8, 0, minute, tzinfo=UTC))) == kept


def test_null_is_no_data_and_not_zero() -> None:
    assert parsed(answer(day("2026-10-06", None))) == [(date(2026, 10, 6), None)]


def test_the_reserve_is_named_without_total_and_siblings_are_ignored() -> None:
    assert parsed(answer(day("2026-10-06", 7, "reserve") | {"reserve_usd": 90}), "reserve") == [(date(2026, 10, 6), 7)]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (400, Outcome.BAD_REQUEST),
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.SERVER_ERROR),
        ("oops", Outcome.BAD_PAYLOAD),
    ],
)
def test_a_refusal_under_http_200_is_what_its_code_says(code: object, outcome: Outcome) -> None:
    found = judged(answer(code=code))
    assert (found.outcome, found.error) == (outcome, f"{code}: m")


def test_an_http_error_keeps_its_outcome_and_gains_the_providers_words() -> None:
    found = judged(answer(code=403), Outcome.BLOCKED, 403)
    assert (found.outcome, found.error) == (Outcome.BLOCKED, "403: m")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answer(day("2026-10-06", 1), window="hour"), "by 'hour'"),
        (answer(day("2026-10-06", 1), day("2026-10-06", 2)), "twice"),
        (answer(day("2026-10-06", 1, "inflow_total")), "KeyError 'netflow_total'"),
        (answer(day("20261006T010000", 1)), "Invalid isoformat"),
        (answer(code=401), "refused LINK: 401"),
        (b"<html>", "not daily values"),
        (answer(day("2026-10-06", "many")), "could not convert"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: object, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parsed(body)


def asked(answers: Callable[[Request], tuple[Outcome, object]], known: Known | None = None) -> list[Exchange]:
    """The exchanges of the unit LINK."""
    dataset = exchange_flows(catalogue.entry("cryptoquant", "exchange_flows"))
    known = known or Known(NIGHT, AFTER)
    (request,) = (each for each in dataset.plan(NIGHT, known) if each.unit == "LINK")

    def send(request: Request) -> Exchange:
        outcome, body = answers(request)
        return judge(Exchange(request, outcome, AFTER, 200, body=json.dumps(body).encode()))

    return list(dataset.fetch(request, send, known))


def test_a_token_is_asked_for_its_exchanges_first_and_then_for_four_metrics() -> None:
    listed = answer({"symbol": "binance", "name": "Binance"})
    found = asked(lambda request: (Outcome.OK, listed))
    assert [each.request.path.rsplit("/", 1)[1] for each in found] == [
        *("entity-list", "netflow", "inflow", "outflow", "reserve"),
    ]
    assert [each.carries_rows for each in found] == [False, True, True, True, True]
    assert (found[1].request.params["from"], found[1].request.params["to"]) == ("20250903", "20261007")


def test_later_nights_read_eight_weeks_again_and_no_list() -> None:
    known = Known(NIGHT, AFTER, completed={"LINK": [date(2026, 10, 6)]})
    found = asked(lambda request: (Outcome.OK, answer()), known)
    assert len(found) == 4
    assert found[0].request.params["from"] == "20260812"


@pytest.mark.parametrize(
    ("outcome", "body"),
    [
        (Outcome.BAD_REQUEST, answer(code=400)),
        (Outcome.OK, answer(code=400)),
        (Outcome.OK, answer({"symbol": "okx"})),
    ],
    ids=["refused by status", "refused under HTTP 200", "not at this exchange"],
)
def test_a_token_that_is_not_covered_is_not_found_and_never_a_zero(outcome: Outcome, body: object) -> None:
    (only,) = asked(lambda request: (outcome, body))
    assert only.outcome is Outcome.NOT_FOUND
    assert "no flows of LINK" in str(only.error)


def test_a_plan_without_the_endpoint_is_blocked_and_nothing_more_is_asked() -> None:
    (only,) = asked(lambda request: (Outcome.BLOCKED, answer(code=403)))
    assert only.outcome is Outcome.BLOCKED


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(answer(day("2026-10-06", -1.5), day("2026-10-05", None))))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    judge(Exchange(Request("LINK", "/x"), Outcome.OK, AFTER, 200, body=spoiled))
    for read in (parsed, parse_entities):
        with contextlib.suppress(BadPayloadError):
            read(spoiled)
