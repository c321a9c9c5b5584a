"""Binance's futures REST API: recorded and documented answers, each trap by name."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
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
from ingestion.sources.binance_futures.dataset import RATIO_PATHS, FundingQuery, StatisticsQuery
from ingestion.sources.binance_futures.parse import judge, parse_funding, parse_open_interest, parse_ratios
from ingestion.sources.reading import Window, ms_of
from ingestion.warehouse import raw
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of

RECORDED = Path(__file__).parents[4] / "shared" / "real" / "payloads" / "binance"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not beside this checkout")
EVER = Window(datetime(2019, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
LONG_SHORT = {
    "symbol": "BTCUSDT",
    "longShortRatio": "1.8105",
    "longAccount": "0.6442",
    "shortAccount": "0.3558",
    "timestamp": 1591261042378,
}
TAKER = {"buySellRatio": "1.5586", "buyVol": "387.3300", "sellVol": "248.5030", "timestamp": 1585614900000}
OPEN_INTEREST = {
    "symbol": "BTCUSDT",
    "sumOpenInterest": "20403.12345678",
    "sumOpenInterestValue": "176196512.12345678",
    "CMCCirculatingSupply": "165880.538",
    "timestamp": 1583127900000,
}
FUNDING = {
    "symbol": "BTCUSDT",
    "fundingRate": "-0.03750000",
    "fundingTime": 1570608000007,
    "markPrice": "34287.54619963",
    "rateType": "Regular",
}
NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


def body(*rows: object) -> bytes:
    return json.dumps(rows).encode()


def ratio(*rows: object, kind: str = "global_account") -> list[Any]:
    return parse_ratios(body(*rows), "BTCUSDT", kind, "5m", EVER)


def exchange(status: int, said: bytes) -> Exchange:
    return Exchange(Request("BTCUSDT/2026-01-16", "/x"), outcome_of_status(status), NOW, status, body=said)


def dataset(name: str) -> Dataset:
    (found,) = (each for each in catalogue.every_dataset() if each.key == ("binance_futures", name))
    return found


@recorded
def test_all_recorded_captures_are_read_and_never_disagree() -> None:
    ratios: dict[datetime, float] = {}
    for path in sorted(RECORDED.glob("takerlongshortRatio_*")):
        for row in parse_ratios(path.read_bytes(), "BTCUSDT", "taker_volume", "15m", EVER):
            assert ratios.setdefault(row.timestamp, row.ratio) == row.ratio
            assert row.ratio == pytest.approx(row.buy_volume / row.sell_volume, abs=1e-3)
    assert len(ratios) == 590
    held = {
        row.timestamp: row.sum_open_interest
        for path in RECORDED.glob("openInterestHist_*")
        for row in parse_open_interest(path.read_bytes(), "BTCUSDT", "15m", EVER)
    }
    assert (len(held), min(held.values()) > 50_000) == (590, True)


@recorded
def test_open_interest_is_stamped_with_its_moment_and_a_taker_ratio_with_the_start_of_its_period() -> None:
    # The same capture of 2026-07-24, a month after the labels moved: its newest points are one period apart.
    taker = RECORDED / "takerlongshortRatio_BTCUSDT_15m_20260724T1915.json"
    held = RECORDED / "openInterestHist_BTCUSDT_15m_20260724T1930.json"
    newest = parse_ratios(taker.read_bytes(), "BTCUSDT", "taker_volume", "15m", EVER)[-1]
    sampled = parse_open_interest(held.read_bytes(), "BTCUSDT", "15m", EVER)[-1]
    assert sampled.timestamp - newest.timestamp == timedelta(minutes=15)
    assert newest.label_convention == "start"


def test_the_documented_rows() -> None:
    (accounts,) = ratio(LONG_SHORT)
    assert (accounts.ratio, accounts.long_share, accounts.short_share) == (1.8105, 0.6442, 0.3558)
    (held,) = parse_open_interest(body(OPEN_INTEREST), "BTCUSDT", "5m", EVER)
    assert (held.sum_open_interest, held.sum_open_interest_value) == (20403.12345678, 176196512.12345678)
    (settled,) = parse_funding(body(FUNDING), "BTCUSDT", EVER)
    assert (settled.funding_rate, settled.mark_price, settled.rate_type) == (-0.0375, 34287.54619963, "Regular")


def test_a_stamp_may_be_a_number_or_its_text() -> None:
    assert ratio(LONG_SHORT | {"timestamp": "1591261042378"}) == ratio(LONG_SHORT)


def test_taker_rows_have_no_symbol_and_take_that_of_the_request() -> None:
    (row,) = ratio(TAKER, kind="taker_volume")
    assert (row.symbol, row.ratio, row.buy_volume, row.sell_volume) == ("BTCUSDT", 1.5586, 387.33, 248.503)


def test_the_position_ratio_calls_its_shares_account_shares() -> None:
    (row,) = ratio(LONG_SHORT, kind="top_position")
    assert (row.ratio_kind, row.long_share) == ("top_position", 0.6442)


def test_a_field_that_is_new_is_left_alone_and_one_that_is_missing_is_a_failure() -> None:
    assert ratio(LONG_SHORT | {"new": 1}) == ratio(LONG_SHORT)
    for name in LONG_SHORT:
        with pytest.raises(BadPayloadError):
            ratio({key: value for key, value in LONG_SHORT.items() if key != name})


def test_a_blank_ratio_is_null_and_not_zero() -> None:
    (row,) = ratio(LONG_SHORT | {"longShortRatio": ""})
    assert row.ratio is None


def test_a_symbol_without_rows_is_empty_where_the_path_says_so_and_not_found_where_it_gives_1121() -> None:
    assert ratio() == []
    found = judge(exchange(400, b'{"code":-1121,"msg":"Invalid symbol."}'))
    assert (found.outcome, found.error) == (Outcome.NOT_FOUND, "-1121: Invalid symbol.")


def test_rows_of_another_symbol_or_another_window_are_refused() -> None:
    with pytest.raises(BadPayloadError, match="asked for BTCUSDT Binance answered with 'ETHUSDT'"):
        ratio(LONG_SHORT | {"symbol": "ETHUSDT"})
    with pytest.raises(BadPayloadError, match="it answered with"):
        parse_ratios(body(LONG_SHORT), "BTCUSDT", "top_account", "5m", Window(NOW, NOW))


def test_the_end_of_five_minutes_labels_rows_before_the_archives_label_moved_and_their_start_since() -> None:
    moved = datetime(2026, 6, 25, tzinfo=UTC)
    stamps = [moved, moved + timedelta(minutes=5)]
    rows = ratio(*(LONG_SHORT | {"timestamp": ms_of(stamp)} for stamp in stamps))
    assert [row.label_convention for row in rows] == ["end", "start"]


@pytest.mark.parametrize(
    ("day", "path", "first", "last"),
    [
        (date(2026, 6, 24), RATIO_PATHS["top_account"], "2026-06-24 00:05", "2026-06-25 00:00"),
        (date(2026, 6, 25), RATIO_PATHS["top_account"], "2026-06-25 00:00", "2026-06-25 23:55"),
        (date(2026, 6, 25), "/futures/data/openInterestHist", "2026-06-25 00:05", "2026-06-26 00:00"),
    ],
)
def test_a_day_is_asked_by_the_labels_of_its_own_288_rows(day: date, path: str, first: str, last: str) -> None:
    params = StatisticsQuery("BTCUSDT", day, path).request().params
    asked = [datetime.fromtimestamp(int(params[name]) / 1000, UTC) for name in ("startTime", "endTime")]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in asked] == [first, last]
    assert int(params["limit"]) > 288


def test_the_jitter_of_a_funding_time_does_not_name_another_settlement() -> None:
    rows = parse_funding(body(*(FUNDING | {"fundingTime": 1570608000000 + late} for late in (0, 8))), "BTCUSDT", EVER)
    assert {row.funding_minute for row in rows} == {datetime(2019, 10, 9, 8, tzinfo=UTC)}


def test_old_settlements_have_a_blank_mark_price_and_no_type() -> None:
    old = {key: value for key, value in FUNDING.items() if key != "rateType"} | {"markPrice": ""}
    (row,) = parse_funding(body(old), "BTCUSDT", EVER)
    assert (row.mark_price, row.rate_type) == (None, None)


def test_funding_is_asked_with_a_real_start_because_zero_gives_the_newest_rows() -> None:
    params = FundingQuery("BTCUSDT", date(2026, 1, 1), date(2026, 1, 16)).request().params
    assert (params["startTime"], params["endTime"]) == ("1767225600000", "1768607999999")


def test_a_full_page_of_funding_is_followed_by_what_lies_after_its_newest_row() -> None:
    hours = [FUNDING | {"fundingTime": 1767225600003 + 3_600_000 * hour} for hour in range(48)]
    asked: list[str] = []

    def send(request: Request) -> Exchange:
        first = int(request.params["startTime"])
        asked.append(request.params["startTime"])
        page = [row for row in hours if row["fundingTime"] >= first][: int(request.params["limit"])]
        return Exchange(request, Outcome.OK, NOW, 200, body=body(*page))

    funding = dataset("funding")
    request = FundingQuery("BTCUSDT", date(2026, 1, 1), date(2026, 1, 16)).request()
    request = replace(request, params={**request.params, "limit": "20"})
    pages = list(funding.fetch(request, send, Known(Night(date(2026, 1, 16)), NOW)))
    assert asked == ["1767225600000", "1767294000004", "1767366000004"]
    assert [answer(funding, page).rows[0].num_rows for page in pages] == [20, 20, 8]


def test_days_older_than_the_api_keeps_are_not_asked() -> None:
    """At 35 days back it answers -1130; the window is counted from now, whatever night is filled."""
    known = Known(Night(date(2026, 1, 16)), datetime(2026, 2, 10, 12, tzinfo=UTC))
    days = {request.unit.split("/")[1] for request in dataset("ratios").plan(known.night, known)}
    assert (min(days), max(days), len(days)) == ("2026-01-12", "2026-01-16", 5)


def test_matic_is_asked_until_it_became_pol_and_not_a_day_longer() -> None:
    listed = {each.perpetual: each for each in reference.perpetuals()}
    days = (date(2024, 9, 9), date(2024, 9, 10))
    assert [listed["MATICUSDT"].is_valid(day) for day in days] == [True, False]
    known = Known(Night(date(2026, 1, 16)), NOW)
    assert not [request for request in dataset("funding").plan(known.night, known) if "MATIC" in request.unit]
    assert reference.venue_contracts("okx")["POLUSDT"] == "POL-USDT-SWAP"


@pytest.mark.parametrize(
    ("status", "said", "outcome", "error"),
    [
        (400, b'{"code":-1130,"msg":"parameter \'startTime\' is invalid."}', Outcome.BAD_REQUEST, "-1130: parameter"),
        (400, b'{"code":-1102,"msg":"Mandatory parameter"}', Outcome.BAD_REQUEST, "-1102: Mandatory"),
        (429, b'{"code":-1003,"msg":"Too many requests; x"}', Outcome.RATE_LIMITED, "-1003: Too many"),
        (
            418,
            b'{"code":-1003,"msg":"Way too many requests; IP banned until 1778353379518. x"}',
            Outcome.RATE_LIMITED,
            "2026-05-09 19:02:59 UTC",
        ),
        (451, b'{"code":0,"msg":"Service unavailable from a restricted location"}', Outcome.BLOCKED, "restricted"),
        (403, b"<html>web firewall</html>", Outcome.BLOCKED, ""),
        (503, b'{"code":-1001,"msg":"Internal error"}', Outcome.SERVER_ERROR, "-1001"),
        (200, b'{"code":-1007,"msg":"Timeout"}', Outcome.SERVER_ERROR, "-1007"),
        (200, b'{"code":-9999,"msg":"?"}', Outcome.BAD_REQUEST, "-9999"),
        (200, b"[]", Outcome.OK, ""),
    ],
)
def test_what_an_answer_means(status: int, said: bytes, outcome: Outcome, error: str) -> None:
    found = judge(exchange(status, said))
    assert (found.outcome, error in (found.error or "")) == (outcome, True)


def test_a_unit_of_ratios_fails_with_its_first_failure_and_is_asked_whole_again() -> None:
    def send(request: Request) -> Exchange:
        broken = request.path == RATIO_PATHS["top_position"]
        outcome = Outcome.SERVER_ERROR if broken else Outcome.OK
        return Exchange(request, outcome, NOW, 200, body=b"[]")

    request = StatisticsQuery("BTCUSDT", date(2026, 1, 16), RATIO_PATHS["global_account"]).request()
    found = list(dataset("ratios").fetch(request, send, Known(Night(date(2026, 1, 16)), NOW)))
    assert [each.outcome for each in found] == [Outcome.OK, Outcome.OK, Outcome.SERVER_ERROR]


def test_contracts_of_a_thousand_coins_are_told_by_the_table_and_1inch_is_one_coin() -> None:
    thousand = {each.perpetual for each in reference.perpetuals() if each.coins_per_contract == 1000}
    assert thousand == {"1000SHIBUSDT", "1000PEPEUSDT", "1000BONKUSDT", "1000FLOKIUSDT"}
    assert {each.coin_id: each.coins_per_contract for each in reference.perpetuals()}["1inch"] == 1


def quarantined(table: raw.RawTable, rows: list[dict[str, object]], run: Run) -> list[str]:
    """The rules that send these rows to quarantine or warn of them; a row alone is no whole day, which is not meant."""
    with duckdb.connect() as connection:
        raw.prepare(connection, [table])
        arrived = table.rows(rows)
        connection.register("arrived", arrived)
        connection.execute(f"insert into raw.{table.name} select *, 1, now(), hash(arrived::varchar) from arrived")
        found = validate(connection, suite_of("raw", table.name), run)
    violated = [rule.name for rule in found.results if rule.status == "violated"]
    return [name for name in violated if name != "fewest_rows_a_day"]


RUN = Run("run", date(2026, 1, 16), NOW)


def test_the_documented_example_whose_ratio_is_not_its_shares_goes_to_quarantine() -> None:
    (table,) = (parsed.table for parsed in dataset("ratios").tables)
    wrong = LONG_SHORT | {"longShortRatio": "0.1960", "longAccount": "0.6622", "shortAccount": "0.3378"}
    assert quarantined(table, [row.model_dump() for row in ratio(LONG_SHORT)], RUN) == []
    assert quarantined(table, [row.model_dump() for row in ratio(wrong)], RUN) == ["ratio_is_not_that_of_its_shares"]


def test_a_ratio_too_large_for_four_decimals_of_its_shares_is_not_held_against_it() -> None:
    (table,) = (parsed.table for parsed in dataset("ratios").tables)
    extreme = LONG_SHORT | {"longShortRatio": "65.6667", "longAccount": "0.9850", "shortAccount": "0.0150"}
    assert quarantined(table, [row.model_dump() for row in ratio(extreme)], RUN) == []


def test_zero_open_interest_is_kept_as_delivered_and_warned_of() -> None:
    (table,) = (parsed.table for parsed in dataset("open_interest").tables)
    rows = parse_open_interest(body(OPEN_INTEREST | {"sumOpenInterest": "0"}), "BTCUSDT", "5m", EVER)
    assert rows[0].sum_open_interest == 0
    assert quarantined(table, [row.model_dump() for row in rows], RUN) == ["nobody_holds_a_contract"]


@given(
    st.one_of(
        *(spoiled_json([row]) for row in (LONG_SHORT, TAKER, OPEN_INTEREST, FUNDING)),
        spoiled_json({"code": -1003, "msg": "IP banned until 1778353379518."}),
        st.binary(max_size=40),
    )
)
@settings(max_examples=1000)
def test_any_body_gives_rows_or_our_error(said: bytes) -> None:
    judge(exchange(400, said))
    for read in (
        lambda: parse_ratios(said, "BTCUSDT", "top_account", "5m", EVER),
        lambda: parse_ratios(said, "BTCUSDT", "taker_volume", "5m", EVER),
        lambda: parse_open_interest(said, "BTCUSDT", "5m", EVER),
        lambda: parse_funding(said, "BTCUSDT", EVER),
    ):
        with contextlib.suppress(BadPayloadError):
            read()
