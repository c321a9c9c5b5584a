"""Whatever a provider sends, a parser gives rows or our error, and a judge gives an outcome: for every dataset."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import catalogue
from ingestion.collect import Dataset
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from tests.ingestion.faults.examples import NIGHT, Example, Examples, asked_datasets, form_of, record

DATASETS = {"/".join(dataset.key): dataset for dataset in asked_datasets()}
QUICK = "binance_futures/funding"
_ODD = [None, True, "", "0", "-1", "1e999", "NaN", "0x", "0x" + "f" * 80, "2026-02-30", "13/45/2026", "9" * 400]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(_ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _changed_rows(draw: st.DrawFn, example: Example) -> bytes:
    """The valid answer with some cells of its rows, or of what is said beside them, replaced."""
    form = form_of(example)
    body = form.open(example.valid.body)
    del body.rows[4:]
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.sampled_from(range(len(body.rows))))
        if draw(st.booleans()) and not isinstance(body.rows[row], dict | list):
            continue
        keys = list(body.rows[row]) if isinstance(body.rows[row], dict) else range(len(body.rows[row]))
        value = draw(_VALUES)
        body.rows[row][draw(st.sampled_from(keys))] = value
    try:
        return body.build()
    except (TypeError, ValueError):  # a text format cannot hold it
        return json.dumps(draw(_VALUES)).encode()


@st.composite
def _cut_or_spliced(draw: st.DrawFn, body: bytes) -> bytes:
    """The valid answer with a piece of its bytes replaced, or cut off."""
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(start + 20, len(body))))
    rest = body[end:] if draw(st.booleans()) else b""
    return body[:start] + draw(st.binary(max_size=8)) + rest


def _bodies(example: Example) -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.binary(max_size=200),
        _VALUES.map(lambda value: json.dumps(value).encode()),
        _changed_rows(example),
        _cut_or_spliced(example.valid.body),
    )


def _answer(dataset: Dataset, exchange: Exchange) -> None:
    """What the night does with an answer: judge it, and parse it where it is for that."""
    judged = dataset.judge(exchange)
    assert judged.outcome in Outcome
    for parsed in dataset.tables:
        with contextlib.suppress(BadPayloadError):
            rows = parsed.parse(exchange)
            assert rows.schema == parsed.table.schema
            _require_finite(rows)


def _require_finite(rows: pa.Table) -> None:
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if pa.types.is_floating(column.type):
            numbers = [value for value in column.to_pylist() if value is not None]
            assert all(map(math.isfinite, numbers)), name


def _check(example: Example, examples: int) -> None:
    exchange = Exchange(example.data_request, Outcome.OK, NIGHT.as_of, 200)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(_bodies(example))
    def any_body(body: bytes) -> None:
        _answer(example.dataset, replace(exchange, body=body))

    run: Callable[[], Any] = any_body
    run()


def test_every_parser_of_the_catalogue_is_here_or_reads_files_of_this_machine() -> None:
    """The others have their thousand bodies beside their other tests: test_inbox.py and test_registry.py."""
    local = {"registry/wallets", "inbox/equity_bars", "inbox/exchange_flows", "inbox/asset_metrics"}
    assert {"/".join(dataset.key) for dataset in catalogue.every_dataset()} == {*DATASETS, *local}


def test_fifty_bodies_of_one_provider(tmp_path: Path) -> None:
    _check(record(tmp_path, [DATASETS[QUICK]])[QUICK], 50)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DATASETS))
def test_a_thousand_bodies(name: str, recorded: Examples) -> None:
    _check(recorded[name], 1000)
