"""Coin Metrics' community API: the documented page, and each trap by name."""

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
from ingestion.answers import answer
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.sources.coinmetrics.dataset import asset_metrics
from ingestion.sources.coinmetrics.parse import parse_catalog, parse_metrics

NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
NIGHT = Night(date(2026, 1, 16))
ASKED = {"assets": "btc,eth", "start_time": "2020-02-01", "end_time": "2020-03-01"}
FORBIDDEN = {
    "error": {
        "type": "forbidden",
        "message": "Requested metric 'CapRealUSD' with frequency '1d' for asset 'btc' is not available.",
    }
}
DATASET = asset_metrics(catalogue.entry("coinmetrics", "asset_metrics"))


def row(day: str = "2020-02-29", asset: str = "btc", **values: Any) -> dict[str, Any]:
    return {"asset": asset, "time": f"{day}T00:00:00.000000000Z", **values}


def page(*given: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    return {"data": list(given)} | (
        {"next_page_token": following, "next_page_url": "https://elsewhere"} if following else {}
    )


def parsed(body: Any) -> list[dict[str, Any]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found: list[dict[str, Any]] = parse_metrics(raw, ASKED).to_pylist()
    return found


def catalog(**assets: list[str]) -> dict[str, Any]:
    return {
        "data": [
            {"asset": asset, "metrics": [{"metric": m, "frequencies": [{"frequency": "1d"}]} for m in metrics]}
            for asset, metrics in assets.items()
        ]
    }


def test_the_documented_row_with_nine_decimals_of_a_second_and_its_status() -> None:
    (found,) = parsed(page(row(SplyExNtv="283220.10827406", **{"SplyExNtv-status": "reviewed", "Other": "1"})))
    assert found == {
        "asset": "btc",
        "date": date(2020, 2, 29),
        "metric": "SplyExNtv",
        "value": 283220.10827406,
        "status": "reviewed",
    }


def test_a_metric_that_is_absent_has_no_row_and_one_that_is_null_has_no_value() -> None:
    assert [(r["metric"], r["value"]) for r in parsed(page(row(PriceUSD=None)))] == [("PriceUSD", None)]


def test_an_error_under_http_200_is_no_page() -> None:
    with pytest.raises(BadPayloadError, match="CapRealUSD"):
        parsed(FORBIDDEN)


def test_only_daily_metrics_that_are_open_to_us_are_asked_of_an_asset() -> None:
    body = catalog(btc=["PriceUSD", "CapRealUSD"], eth=[])
    body["data"].append({"asset": "link", "metrics": [{"metric": "PriceUSD", "frequencies": [{"frequency": "1h"}]}]})
    assert parse_catalog(json.dumps(body).encode(), ["PriceUSD", "SplyCur"]) == {"btc": frozenset({"PriceUSD"})}


def fetched(answers: Callable[[Request], tuple[Outcome, Any]], unit: str = "flows") -> list[Exchange]:
    (request,) = (each for each in DATASET.plan(NIGHT, Known(NIGHT, NOW)) if each.unit == unit)

    def send(asked: Request) -> Exchange:
        outcome, body = answers(asked)
        return DATASET.judge(Exchange(asked, outcome, NOW, 200, body=json.dumps(body).encode()))

    return list(DATASET.fetch(request, send, Known(NIGHT, NOW)))


def test_the_first_night_asks_for_the_caps_of_ten_years_and_a_sandbox_for_one() -> None:
    """Cycles of OTHERS against Bitcoin take years; a sandbox's first night has two minutes."""
    sandbox = asset_metrics(catalogue.entry("coinmetrics", "asset_metrics").in_sandbox)
    firsts = []
    for dataset in (DATASET, sandbox):
        (caps,) = (each for each in dataset.plan(NIGHT, Known(NIGHT, NOW)) if each.unit == "caps")
        firsts.append(caps.params["start_time"])
    assert firsts == ["2016-01-17", "2024-12-13"]


def test_the_first_page_is_asked_to_be_the_oldest_and_pages_are_followed_on_our_own_host() -> None:
    """By default the newest page comes first: one lost page would be the history and not its newest days."""

    def answers(asked: Request) -> tuple[Outcome, Any]:
        if asked.kind == "catalog":
            return Outcome.OK, catalog(btc=["FlowInExNtv"])
        tokens = {None: "a", "a": "b", "b": None}
        return Outcome.OK, page(row(FlowInExNtv="1"), following=tokens[asked.params.get("next_page_token")])

    _, *pages = fetched(answers)
    assert {each.request.params["paging_from"] for each in pages} == {"start"}
    assert [each.request.params.get("next_page_token") for each in pages] == [None, "a", "b"]
    assert {each.request.path for each in pages} == {"/timeseries/asset-metrics"}


def test_a_page_that_repeats_ends_the_unit_as_a_failure() -> None:
    def answers(asked: Request) -> tuple[Outcome, Any]:
        return Outcome.OK, catalog(btc=["FlowInExNtv"]) if asked.kind == "catalog" else page(following="same")

    last = fetched(answers)[-1]
    assert (last.outcome, last.error) == (Outcome.BAD_PAYLOAD, "the pages do not end")


def test_one_closed_metric_does_not_spoil_the_call_for_the_others() -> None:
    """A closed metric fails a whole call: assets with other metrics are asked apart, and what is closed is left out."""

    def answers(asked: Request) -> tuple[Outcome, Any]:
        if asked.kind == "catalog":
            return Outcome.OK, catalog(btc=["FlowInExNtv", "FlowOutExNtv"], eth=["FlowInExNtv", "FlowOutExNtv"],
                                       usdt=["FlowInExNtv"])  # fmt: skip
        if {"usdt"} & set(asked.params["assets"].split(",")) and "FlowOutExNtv" in asked.params["metrics"]:
            return Outcome.BLOCKED, FORBIDDEN
        return Outcome.OK, page()

    _, *pages = fetched(answers)
    assert sorted((each.request.params["assets"], each.request.params["metrics"]) for each in pages) == [
        ("btc,eth", "FlowInExNtv,FlowOutExNtv"),
        ("usdt", "FlowInExNtv"),
    ]
    assert all(each.request.params["ignore_forbidden_errors"] == "true" for each in pages)


def test_a_refused_page_leaves_the_unit_incomplete_and_keeps_the_pages_before() -> None:
    def answers(asked: Request) -> tuple[Outcome, Any]:
        if asked.kind == "catalog":
            return Outcome.OK, catalog(btc=["FlowInExNtv"])
        first = "next_page_token" not in asked.params
        return (Outcome.OK, page(row("2026-01-15", FlowInExNtv="1"), following="a")) if first else (Outcome.BLOCKED, {})

    outcomes = [answer(DATASET, each).exchange.outcome for each in fetched(answers)]
    assert outcomes[1:] == [Outcome.OK, Outcome.BLOCKED]


def test_the_newest_week_is_read_again_because_it_is_restated() -> None:
    known = Known(NIGHT, NOW, completed={"caps": [date(2026, 1, 15)]})
    (caps,) = (each for each in DATASET.plan(NIGHT, known) if each.unit == "caps")
    assert (caps.params["start_time"], caps.params["end_time"]) == ("2026-01-09", "2026-01-16")


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(page(row(PriceUSD="1.5"), row(asset="eth", PriceUSD=None), following="t")))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    with contextlib.suppress(BadPayloadError):
        parsed(spoiled)
    with contextlib.suppress(BadPayloadError):
        parse_catalog(spoiled, ["PriceUSD"])
