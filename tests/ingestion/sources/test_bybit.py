"""Bybit's market data: documented answers, each trap by name."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bodies import spoiled_json
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import catalogue, reference
from ingestion.answers import answer
from ingestion.collect import Dataset, Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import outcome_of_status
from ingestion.night import Night
from ingestion.sources.bybit.dataset import ACCOUNT_RATIO_PATH, FUNDING_PATH, MarketQuery
from ingestion.sources.bybit.parse import judge, next_cursor, parse_account_ratio, parse_funding, parse_open_interest
from ingestion.sources.reading import Window, ms_of

NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
EVER = Window(datetime(2019, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
RATIO = {"symbol": "BTCUSDT", "buyRatio": "0.49", "sellRatio": "0.51", "timestamp": "1696262400000"}
HELD = {"openInterest": "63910691.00000000", "singleOpenInterest": "31955346", "timestamp": "1780963200000"}
FUNDING = {"symbol": "ETHPERP", "fundingRate": "0.0001", "fundingRateTimestamp": "1672041600000"}
CURSOR = "lastid%3D0%26lasttime%3D1696258800"
DAY = (datetime(2026, 1, 16, tzinfo=UTC), datetime(2026, 1, 17, tzinfo=UTC))


def envelope(rows: list[Any], **result: object) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": {"list": rows, **result}, "retExtInfo": {}, "time": 1731567491688}


def body(*rows: object, **result: object) -> bytes:
    return json.dumps(envelope(list(rows), **result)).encode()


def exchange(status: int, said: bytes) -> Exchange:
    return Exchange(Request("BTCUSDT/2026-01-16", "/x"), outcome_of_status(status), NOW, status, body=said)


def dataset(name: str) -> Dataset:
    (found,) = (each for each in catalogue.every_dataset() if each.key == ("bybit", name))
    return found


def test_the_documented_rows() -> None:
    (shares,) = parse_account_ratio(body(RATIO, nextPageCursor=CURSOR), "BTCUSDT", "1h", EVER)
    assert (shares.buy_ratio, shares.sell_ratio) == (0.49, 0.51)
    assert shares.timestamp == datetime(2023, 10, 2, 16, tzinfo=UTC)
    (settled,) = parse_funding(body(FUNDING, category="linear"), "ETHPERP", EVER)
    assert (settled.funding_rate, settled.funding_minute) == (0.0001, datetime(2022, 12, 26, 8, tzinfo=UTC))


def test_open_interest_counts_both_sides_and_the_single_one_is_what_other_venues_count() -> None:
    (held,) = parse_open_interest(body(HELD, symbol="BTCUSD", category="inverse"), "BTCUSD", "1h", EVER)
    assert (held.open_interest, held.single_open_interest) == (63910691.0, 31955346.0)


def test_old_rows_of_open_interest_have_both_sides_only() -> None:
    old = {key: value for key, value in HELD.items() if key != "singleOpenInterest"}
    (held,) = parse_open_interest(body(old, symbol="BTCUSD"), "BTCUSD", "1h", EVER)
    assert (held.open_interest, held.single_open_interest) == (63910691.0, None)


def test_a_contract_that_is_gone_is_an_empty_list_or_a_parameter_error_about_its_symbol() -> None:
    assert parse_account_ratio(body(), "GONEUSDT", "1h", EVER) == []
    found = judge(exchange(200, b'{"retCode":10001,"retMsg":"params error: symbol invalid","result":{}}'))
    assert found.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (200, b'{"retCode":0,"retMsg":"OK","result":{"list":[]}}', Outcome.OK),
        (200, b'{"retCode":10001,"retMsg":"params error: period"}', Outcome.BAD_REQUEST),
        (200, b'{"retCode":10006,"retMsg":"Too many visits!"}', Outcome.RATE_LIMITED),
        (200, b'{"retCode":10009,"retMsg":"IP has been banned"}', Outcome.BLOCKED),
        (200, b'{"retCode":10016,"retMsg":"Server error"}', Outcome.SERVER_ERROR),
        (200, b'{"retCode":99999,"retMsg":"?"}', Outcome.BAD_REQUEST),
        (403, b"access too frequent", Outcome.RATE_LIMITED),
        (403, b"<HTML>configured to block access from your country</HTML>", Outcome.BLOCKED),
        (503, b"", Outcome.SERVER_ERROR),
    ],
)
def test_an_error_hides_under_http_200_and_a_403_is_a_region_or_a_limit(
    status: int, said: bytes, outcome: Outcome
) -> None:
    assert judge(exchange(status, said)).outcome is outcome


def test_an_error_that_nobody_judged_is_not_read_as_no_rows() -> None:
    with pytest.raises(BadPayloadError, match="Bybit refused with 10001"):
        parse_funding(b'{"retCode":10001,"retMsg":"x","result":{"list":[]}}', "BTCUSDT", EVER)


def test_the_cursor_is_encoded_already_and_is_decoded_once() -> None:
    assert next_cursor(body(nextPageCursor=CURSOR)) == "lastid=0&lasttime=1696258800"
    assert (next_cursor(body(nextPageCursor="")), next_cursor(body())) == ("", "")


def test_a_full_page_is_followed_by_its_cursor_and_a_page_that_repeats_is_a_failure() -> None:
    asked: list[str | None] = []

    def send(request: Request) -> Exchange:
        asked.append(request.params.get("cursor"))
        rows = [RATIO | {"timestamp": str(ms_of(DAY[0]) + hour * 3_600_000)} for hour in (1, 0)]
        return Exchange(request, Outcome.OK, NOW, 200, body=body(*rows, nextPageCursor="more%3D1"))

    request = MarketQuery("BTCUSDT/2026-01-16", ACCOUNT_RATIO_PATH, "BTCUSDT", *DAY).request()
    known = Known(Night(date(2026, 1, 16)), NOW)
    whole = list(dataset("account_ratio").fetch(request, send, known))
    assert (asked, [each.outcome for each in whole]) == ([None], [Outcome.OK])
    small = replace(request, params={**request.params, "limit": "2"})
    pages = list(dataset("account_ratio").fetch(small, send, known))
    assert (asked, [each.outcome for each in pages]) == ([None, None, "more=1"], [Outcome.OK, Outcome.BAD_PAYLOAD])


def test_funding_has_no_cursor_and_is_paged_by_its_end_with_both_ends_given() -> None:
    stamps = [str(ms_of(DAY[0]) + hour * 3_600_000) for hour in range(24)]
    settled = [FUNDING | {"symbol": "BTCUSDT", "fundingRateTimestamp": stamp} for stamp in stamps]
    asked: list[tuple[str, str]] = []

    def send(request: Request) -> Exchange:
        params = request.params
        asked.append((params["startTime"], params["endTime"]))
        inside = [row for row in settled if int(row["fundingRateTimestamp"]) <= int(params["endTime"])]
        return Exchange(request, Outcome.OK, NOW, 200, body=body(*reversed(inside[-int(params["limit"]) :])))

    request = MarketQuery("BTCUSDT/2026-01", FUNDING_PATH, "BTCUSDT", *DAY).request()
    request = replace(request, params={**request.params, "limit": "10"})
    funding = dataset("funding")
    pages = list(funding.fetch(request, send, Known(Night(date(2026, 1, 16)), NOW)))
    rows = [row for page in pages for row in answer(funding, page).rows[0]["funding_time"].to_pylist()]
    assert (len(pages), len(rows), len(set(rows))) == (3, 24, 24)
    assert all(start == str(ms_of(DAY[0])) for start, _ in asked)


def test_a_day_is_asked_by_the_24_hours_that_begin_in_it() -> None:
    params = MarketQuery("BTCUSDT/2026-01-16", ACCOUNT_RATIO_PATH, "BTCUSDT", *DAY).request().params
    assert (params["period"], params["startTime"], params["endTime"]) == ("1h", "1768521600000", "1768607999999")


def test_contracts_of_a_thousand_coins_are_named_by_the_table_and_by_no_rule() -> None:
    named = reference.venue_contracts("bybit")
    assert (named["1000SHIBUSDT"], named["1000PEPEUSDT"], named["1INCHUSDT"]) == (
        "SHIB1000USDT",
        "1000PEPEUSDT",
        "1INCHUSDT",
    )
    assert set(named) <= {each.perpetual for each in reference.perpetuals()}


def test_rows_of_another_contract_or_window_are_refused() -> None:
    with pytest.raises(BadPayloadError, match="asked for ETHUSDT Bybit answered with 'BTCUSDT'"):
        parse_account_ratio(body(RATIO), "ETHUSDT", "1h", EVER)
    with pytest.raises(BadPayloadError, match="asked for ETHUSD Bybit answered with 'BTCUSD'"):
        parse_open_interest(body(HELD, symbol="BTCUSD"), "ETHUSD", "1h", EVER)
    with pytest.raises(BadPayloadError, match="it answered with"):
        parse_account_ratio(body(RATIO), "BTCUSDT", "1h", Window(*DAY))


@given(
    st.one_of(
        spoiled_json(envelope([RATIO], nextPageCursor=CURSOR)),
        spoiled_json(envelope([HELD], symbol="BTCUSDT")),
        spoiled_json(envelope([FUNDING])),
        st.binary(max_size=40),
    )
)
@settings(max_examples=1000)
def test_any_body_gives_rows_or_our_error(said: bytes) -> None:
    judge(exchange(200, said))
    for read in (
        lambda: parse_account_ratio(said, "BTCUSDT", "1h", EVER),
        lambda: parse_open_interest(said, "BTCUSDT", "1h", EVER),
        lambda: parse_funding(said, "ETHPERP", EVER),
        lambda: next_cursor(said),
    ):
        with contextlib.suppress(BadPayloadError):
            read()
