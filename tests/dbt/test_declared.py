"""Rules about the project's own tests. The unit tests themselves are run in tests/proofs/test_builds.py."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"


def test_a_model_that_decides_has_rows_a_person_can_check() -> None:
    """A `case` above staging tells kinds of rows apart: its branches are shown by unit tests in the YAML beside it."""
    deciding = [path for path in MODELS.rglob("*.sql") if re.search(r"\bcase\b", path.read_text(encoding="utf-8"))]
    without = []
    for path in deciding:
        if path.relative_to(MODELS).parts[0] == "staging":
            continue
        declared = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8")).get("unit_tests", [])
        if path.stem not in {test["model"] for test in declared}:
            without.append(path.stem)
    assert len(deciding) > 10
    assert without == []
