"""What the SQL linter sees in place of dbt: the project's real vars, so that loops over them are linted as they run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _vars() -> dict[str, Any]:
    project = Path(__file__).parents[1] / "dbt_project.yml"
    found: dict[str, Any] = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]
    return found


def var(name: str, default: Any = None) -> Any:
    """The value of a dbt var."""
    return _vars().get(name, default)
