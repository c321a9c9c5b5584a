"""A home with audited marts, ready to be published."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_marts import audit, write_marts


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_marts(tmp_path)
    audit(tmp_path)
    return tmp_path
