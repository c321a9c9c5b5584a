"""Every cell becomes what it must, and the published page says what the run says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingestion.faults.examples import LISTING, Examples, asked_datasets, record
from tests.ingestion.faults.expected import EXCEPTIONS, RIGHT, problem
from tests.ingestion.faults.matrix import FAULTS, parts
from tests.ingestion.faults.page import HEADING, PAGE, section
from tests.ingestion.faults.run import Bench
from tests.ingestion.faults.server import Provider, provider

DATASETS = {"/".join(dataset.key): dataset for dataset in asked_datasets()}
# Answered without a market and judged without a suite: what a quick run can afford.
QUICK = ("cryptoquant/exchange_flows", "binance_futures/funding")
QUICK_FAULTS = {
    "DNS failure",
    "connection refused",
    "slow drip",
    "status 403",
    "status 418",
    "status 429 with Retry-After: 7",
    "status 503",
    "truncated gzip",
    "HTML error page under 200",
    "gzip bomb",
    "redirect to elsewhere",
    "missing field",
    "NaN",
    "future stamp",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    logging.disable(logging.CRITICAL)
    with provider() as running:
        yield running
    logging.disable(logging.NOTSET)


def test_every_fault_has_a_right_outcome_and_every_exception_is_about_something_there() -> None:
    names = {fault.name for fault in FAULTS}
    assert set(RIGHT) == names
    known = {*DATASETS, *(name.split("/")[0] for name in DATASETS)}
    assert {fault for _, fault in EXCEPTIONS} <= names
    assert {name for name, _ in EXCEPTIONS} <= known


def test_the_page_has_every_dataset_of_the_catalogue() -> None:
    headings = [line.removeprefix(HEADING) for line in PAGE.read_text().splitlines() if line.startswith(HEADING)]
    assert [each for each in headings if not each.endswith(LISTING)] == list(DATASETS), (
        "run: python -m tests.ingestion.faults"
    )


def test_some_faults_of_some_providers(server: Provider, tmp_path: Path) -> None:
    examples = record(tmp_path, [DATASETS[name] for name in QUICK])
    for name in QUICK:
        example = examples[name]
        cells = Bench(example, server, tmp_path).cells([fault for fault in FAULTS if fault.name in QUICK_FAULTS])
        assert len(cells) == len(QUICK_FAULTS)
        assert [found for found in map(problem, cells) if found] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DATASETS))
def test_every_fault(name: str, server: Provider, recorded: Examples, tmp_path: Path) -> None:
    for example, faults in parts(recorded[name]):
        cells = Bench(example, server, tmp_path).cells(faults)
        assert [found for found in map(problem, cells) if found] == []
        assert section(cells) in PAGE.read_text(), "the page is of another run: python -m tests.ingestion.faults"
