"""Valid answers of every dataset, recorded once for all that breaks them."""

from __future__ import annotations

import pytest

from tests.ingestion.faults.examples import Examples, asked_datasets, record


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return record(tmp_path_factory.mktemp("examples"), asked_datasets())
