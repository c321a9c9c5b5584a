"""Glassnode's exchange flows: the documented answer, each trap by name, and two truths that are kept apart."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime

import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.night import Night
from ingestion.sources.glassnode.dataset import exchange_flows, exchange_flows_pit
from ingestion.sources.glassnode.parse import parse_flows

AFTER = datetime(2026, 10, 8, tzinfo=UTC)
NIGHT = Night(date(2026, 10, 7))
MIDNIGHT = 1791244800  # 2026-10-06 00:00 UTC


def parsed(body: object, moment: datetime = AFTER) -> list[tuple[date, float | None]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [(row.date, row.value) for row in parse_flows(raw, "LINK", "binance", "netflow", moment)]


def test_a_stamp_is_the_start_of_its_day_in_seconds() -> None:
    assert parsed(b'[{"t":1791244800,"v":-5000}]') == [(date(2026, 10, 6), -5000.0)]


@pytest.mark.parametrize(("hour", "kept"), [(23, 1), (24, 2)])
def test_the_running_day_is_left_out(hour: int, kept: int) -> None:
    body = [{"t": MIDNIGHT, "v": 1}, {"t": MIDNIGHT + 86_400, "v": 2}]
    assert len(parsed(body, datetime.fromtimestamp(MIDNIGHT + 86_400 + hour * 3600, UTC))) == kept


def test_null_is_no_data_and_not_zero() -> None:
    assert parsed([{"t": MIDNIGHT, "v": None}]) == [(date(2026, 10, 6), None)]


def test_an_empty_list_is_a_window_without_values() -> None:
    assert parsed([]) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([{"t": MIDNIGHT + 3600, "v": 1}], "not the start of a day"),
        ([{"t": MIDNIGHT * 1000, "v": 1}], "not daily values"),
        ([{"t": str(MIDNIGHT), "v": 1}], "whole seconds"),
        ([{"t": MIDNIGHT, "v": 1}, {"t": MIDNIGHT, "v": 2}], "twice"),
        ([{"t": MIDNIGHT}], "KeyError 'v'"),
        ([{"t": MIDNIGHT, "v": "NaN"}], "not finite"),
        ({"data": []}, "something else than a list"),
        (b"api key invalid", "not daily values"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: object, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parsed(body)


def test_point_in_time_has_its_own_paths_its_own_table_and_a_shorter_memory() -> None:
    restated = exchange_flows(catalogue.entry("glassnode", "exchange_flows"))
    as_known = exchange_flows_pit(catalogue.entry("glassnode", "exchange_flows_pit"))
    names = [parsed.table.name for dataset in (restated, as_known) for parsed in dataset.tables]
    assert names == ["glassnode_exchange_flows", "glassnode_exchange_flows_pit"]
    known = Known(NIGHT, AFTER, completed={"LINK/netflow": [date(2026, 10, 6)]})
    found = [dataset.plan(NIGHT, known)[0] for dataset in (restated, as_known)]
    assert [request.path.rsplit("/", 1)[1] for request in found] == [
        "transfers_volume_exchanges_net",
        "transfers_volume_exchanges_net_pit",
    ]
    days = [(MIDNIGHT - int(request.params["s"])) // 86_400 + 1 for request in found]
    assert days == [56, 7]


def test_no_request_carries_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNODE_API_KEY", "planted-in-glassnode")
    dataset = exchange_flows(catalogue.entry("glassnode", "exchange_flows"))
    assert dataset.headers() == {"X-Api-Key": "planted-in-glassnode"}
    assert not any("planted" in request.as_json() for request in dataset.plan(NIGHT, Known(NIGHT, AFTER)))


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json([{"t": MIDNIGHT, "v": -1.5}, {"t": MIDNIGHT + 86_400, "v": None}]))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    with contextlib.suppress(BadPayloadError):
        parsed(spoiled)
