"""A new source begins with files that pass lint and their own tests, and nothing that is there is touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors import SettingsError
from orchestration.scaffold import PROJECT, Scaffolded, scaffold

RUN = """
import sys
import ingestion.sources
import orchestration.validation.suites.raw as raw
ingestion.sources.__path__.append(sys.argv[1] + "/ingestion/sources")
raw.__path__.append(sys.argv[1] + "/orchestration/validation/suites/raw")
import pytest
from ingestion.entry import Entry
from ingestion.night import Night
from ingestion.collect import Known
from ingestion.sources.example import dataset
from orchestration.validation.suites.raw.example_prices import SUITE
entry = Entry(provider="example", dataset="prices", cadence="daily", unit="symbol", history=5, trailing=2, licence="x",
    key=None, expected_coverage="x", fallback=(), per_second=1, symbols={"ABC": 5})
night = Night.parse("2026-01-16")
(request,) = dataset.prices(entry).plan(night, Known(night, night.as_of))
assert request.params == {"from": "2026-01-12", "to": "2026-01-16"}, request
assert set(SUITE.key) <= set(dataset.PRICES.columns)
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", sys.argv[1], sys.argv[1] + "/tests"]))
"""


@pytest.fixture
def made(tmp_path: Path) -> Scaffolded:
    return scaffold(tmp_path, "example", "prices")


def run(*command: str, content: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], input=content, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_the_files_pass_lint_and_format(made: Scaffolded, tmp_path: Path) -> None:
    assert len(made.files) == 7
    for path in made.files:
        if path.suffix == ".py":
            here = ["--stdin-filename", str(PROJECT / path.relative_to(tmp_path)), "-"]
            # The package is not in the project yet, where ruff would find by itself that it is our own.
            ours = ["--config", "lint.isort.known-first-party = ['ingestion', 'orchestration']"]
            for command in (["check", *ours], ["format", "--check"]):
                found = run("-m", "ruff", *command, *here, content=path.read_text())
                assert found.returncode == 0, found.stdout


@pytest.mark.usefixtures("made")
def test_the_source_plans_and_its_tests_pass(tmp_path: Path) -> None:
    found = run("-c", RUN, str(tmp_path))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "6 passed" in found.stdout


def test_what_is_to_be_added_by_hand_names_every_place(made: Scaffolded) -> None:
    for place in ("settings.py", "catalogue.py", "catalogue.yml", "_sources.yml", "EXAMPLE_API_KEY"):
        assert place in made.by_hand


@pytest.mark.parametrize("name", ["Example", "../x", "1x", "a b", "x" * 40, "x;drop"])
def test_a_name_that_is_none_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    for provider, dataset in ((name, "bars"), ("example", name)):
        with pytest.raises(SettingsError, match="is not a name for a source"):
            scaffold(tmp_path, provider, dataset)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_is_there_is_never_overwritten(made: Scaffolded, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there already"):
        scaffold(tmp_path, "example", "prices")
    with pytest.raises(SettingsError, match="there is a source yahoo already"):
        scaffold(tmp_path, "yahoo", "prices")
    assert made.files[0].exists()
