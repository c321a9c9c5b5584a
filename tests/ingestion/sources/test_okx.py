"""OKX's trading statistics: documented answers, each trap by name."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
from ingestion.sources.okx.dataset import RATIO_PATHS, FundingQuery, StatisticsQuery
from ingestion.sources.okx.parse import judge, parse_funding, parse_open_interest, parse_ratios
from ingestion.sources.reading import Window, ms_of

NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
EVER = Window(datetime(2019, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
DAY = (datetime(2026, 1, 16, tzinfo=UTC), datetime(2026, 1, 17, tzinfo=UTC))
SWAP = "BTC-USDT-SWAP"
SAMPLE = b'{"code":"0","msg":"","data":[["1701417600000","1.1739"]]}'
FUNDING = {
    "instId": SWAP,
    "fundingRate": "0.0000746604960499",
    "realizedRate": "0.0000746572360545",
    "fundingTime": "1703059200000",
}


def envelope(*rows: object) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def body(*rows: object) -> bytes:
    return json.dumps(envelope(*rows)).encode()


def exchange(status: int, said: bytes) -> Exchange:
    return Exchange(Request("BTCUSDT/2026-01-16", "/x"), outcome_of_status(status), NOW, status, body=said)


def dataset(name: str) -> Dataset:
    (found,) = (each for each in catalogue.every_dataset() if each.key == ("okx", name))
    return found


def test_the_documented_rows() -> None:
    (row,) = parse_ratios(SAMPLE, SWAP, "global_account", "1H", EVER)
    assert (row.contract, row.ratio, row.timestamp) == (SWAP, 1.1739, datetime(2023, 12, 1, 8, tzinfo=UTC))
    (held,) = parse_open_interest(body(["1701417600000", "100", "1", "42000"]), SWAP, "1H", EVER)
    assert (held.open_interest, held.open_interest_coins, held.open_interest_usd) == (100.0, 1.0, 42000.0)
    (settled,) = parse_funding(body(FUNDING), SWAP, EVER)
    assert (settled.funding_rate, settled.realized_rate) == (0.0000746604960499, 0.0000746572360545)


def test_days_open_at_utc_plus_8_so_the_hours_of_a_utc_day_are_asked() -> None:
    """The documented sample of a day is stamped 08:00 UTC: asked for `1D` a UTC day would be cut in two."""
    request = StatisticsQuery("BTCUSDT/2026-01-16", RATIO_PATHS["top_account"], SWAP, *DAY).request()
    assert request.params["period"] == "1H"
    hours = [[str(ms_of(DAY[0] + timedelta(hours=hour))), "1.5"] for hour in reversed(range(24))]
    found = answer(dataset("ratios"), Exchange(request, Outcome.OK, NOW, 200, body=body(*hours)))
    stamps = found.rows[0]["timestamp"].to_pylist()
    assert (len(stamps), {stamp.date() for stamp in stamps}) == (24, {date(2026, 1, 16)})
    next_day = Exchange(request, Outcome.OK, NOW, 200, body=body([str(ms_of(DAY[1])), "1.5"]))
    assert answer(dataset("ratios"), next_day).exchange.outcome is Outcome.BAD_PAYLOAD


def test_begin_and_end_exclude_their_own_moment() -> None:
    params = StatisticsQuery("BTCUSDT/2026-01-16", RATIO_PATHS["top_account"], SWAP, *DAY).request().params
    assert (params["begin"], params["end"]) == (str(ms_of(DAY[0]) - 1), str(ms_of(DAY[1])))
    params = FundingQuery("BTCUSDT/2026-01", SWAP, *DAY).request().params
    assert (params["before"], params["after"]) == (str(ms_of(DAY[0]) - 1), str(ms_of(DAY[1])))


def test_takers_rows_give_what_was_sold_first() -> None:
    (row,) = parse_ratios(body(["1701417600000", "200", "300"]), SWAP, "taker_volume", "1H", EVER)
    assert (row.sell_volume_usd, row.buy_volume_usd, row.ratio) == (200.0, 300.0, None)


def test_a_row_of_another_length_is_refused_because_its_fields_have_no_names() -> None:
    for row in ([], ["1701417600000"], ["1701417600000", "1", "2", "3"], "17014176000001.17", {"ts": "1"}):
        with pytest.raises(BadPayloadError, match="where 3 fields are promised"):
            parse_ratios(body(row), SWAP, "taker_volume", "1H", EVER)


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (200, SAMPLE, Outcome.OK),
        (200, b'{"code":"51000","msg":"Parameter period error","data":[]}', Outcome.BAD_REQUEST),
        (400, b'{"code":"50014","msg":"Parameter instId can not be empty","data":[]}', Outcome.BAD_REQUEST),
        (200, b'{"code":"51001","msg":"Instrument ID does not exist","data":[]}', Outcome.NOT_FOUND),
        (429, b'{"code":"50011","msg":"Too Many Requests","data":[]}', Outcome.RATE_LIMITED),
        (200, b'{"code":"50011","msg":"Too Many Requests","data":[]}', Outcome.RATE_LIMITED),
        (200, b'{"code":"50001","msg":"Service temporarily unavailable","data":[]}', Outcome.SERVER_ERROR),
        (200, b'{"code":"50004","msg":"timeout","data":[]}', Outcome.SERVER_ERROR),
        (503, b'{"code":"50013","msg":"busy","data":[]}', Outcome.SERVER_ERROR),
    ],
)
def test_an_error_hides_under_http_200(status: int, said: bytes, outcome: Outcome) -> None:
    assert judge(exchange(status, said)).outcome is outcome


def test_only_the_text_0_is_success() -> None:
    for code in ("51001", 0, None):
        with pytest.raises(BadPayloadError, match="OKX refused with"):
            parse_funding(json.dumps({"code": code, "msg": "", "data": []}).encode(), SWAP, EVER)


def test_a_unit_of_ratios_is_asked_in_all_four_kinds_and_takers_in_usd() -> None:
    asked: list[Request] = []

    def send(request: Request) -> Exchange:
        asked.append(request)
        return Exchange(request, Outcome.OK, NOW, 200, body=body())

    first = StatisticsQuery("BTCUSDT/2026-01-16", RATIO_PATHS["global_account"], SWAP, *DAY).request()
    list(dataset("ratios").fetch(first, send, Known(Night(date(2026, 1, 16)), NOW)))
    assert [request.path for request in asked] == list(RATIO_PATHS.values())
    assert [request.params.get("unit") for request in asked] == [None, None, None, "2"]
    assert {request.params["begin"] for request in asked} == {first.params["begin"]}


def test_funding_descends_and_is_paged_by_what_is_older() -> None:
    settled = [FUNDING | {"fundingTime": str(ms_of(DAY[0]) + hour * 3_600_000)} for hour in range(24)]

    def send(request: Request) -> Exchange:
        older = [row for row in settled if int(row["fundingTime"]) < int(request.params["after"])]
        return Exchange(request, Outcome.OK, NOW, 200, body=body(*reversed(older[-int(request.params["limit"]) :])))

    request = FundingQuery("BTCUSDT/2026-01", SWAP, *DAY).request()
    request = replace(request, params={**request.params, "limit": "8"})
    funding = dataset("funding")
    pages = list(funding.fetch(request, send, Known(Night(date(2026, 1, 16)), NOW)))
    assert [answer(funding, page).rows[0].num_rows for page in pages] == [8, 8, 8, 0]


def test_a_coin_of_a_thousand_coin_contract_has_an_ordinary_swap_here() -> None:
    named = reference.venue_contracts("okx")
    assert (named["1000SHIBUSDT"], named["1INCHUSDT"]) == ("SHIB-USDT-SWAP", "1INCH-USDT-SWAP")
    assert set(named) <= {each.perpetual for each in reference.perpetuals()}


@given(
    st.one_of(
        spoiled_json(envelope(["1701417600000", "1.1739"])),
        spoiled_json(envelope(["1701417600000", "1", "2"])),
        spoiled_json(envelope(["1701417600000", "1", "2", "3"])),
        spoiled_json(envelope(FUNDING)),
        st.binary(max_size=40),
    )
)
@settings(max_examples=1000)
def test_any_body_gives_rows_or_our_error(said: bytes) -> None:
    judge(exchange(200, said))
    for read in (
        lambda: parse_ratios(said, SWAP, "top_account", "1H", EVER),
        lambda: parse_ratios(said, SWAP, "taker_volume", "1H", EVER),
        lambda: parse_open_interest(said, SWAP, "1H", EVER),
        lambda: parse_funding(said, SWAP, EVER),
    ):
        with contextlib.suppress(BadPayloadError):
            read()
