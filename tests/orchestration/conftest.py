"""A Dagster instance of the test's own home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingestion.settings import Home
from orchestration.run import prepare_instance


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back after the test what `prepare_instance` sets for its process."""
    for name in ("DAGSTER_HOME", "ROTATION_HOME"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def instance(tmp_path: Path, own_environment: None) -> Iterator[dg.DagsterInstance]:
    """The instance of a home in the test's folder."""
    prepare_instance(Home(home=tmp_path))
    with dg.DagsterInstance.get() as found:
        yield found
