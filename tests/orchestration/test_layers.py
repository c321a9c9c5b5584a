"""What is told when tables were not built: the file under them once, and what is wrong with a table by its name."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from ingestion.errors import WarehouseError
from ingestion.settings import Home
from orchestration.layers import _not_built
from orchestration.transform import NodeResult

FULL = 'IO Error: Could not write file "/h/warehouse.duckdb": No space left on device'
HOME = Home(home=Path("h"))


def node(name: str, message: str, status: str = "error") -> NodeResult:
    return NodeResult(f"model.rotation.{name}", status, message, None, 0.1)


def test_a_full_disk_is_told_once_and_not_for_each_table() -> None:
    told = _not_built([node("a", FULL), node("b", FULL), node("c", "", "skipped")], "marts", HOME)
    assert isinstance(told, WarehouseError)
    assert str(told).count("No space left on device") == 1


def test_a_wrong_model_is_named_beside_a_full_disk() -> None:
    told = _not_built([node("a", "Binder Error: no column x"), node("b", FULL)], "marts", HOME)
    assert isinstance(told, dg.Failure)
    assert "a: Binder Error: no column x; b: IO Error" in (told.description or "")


def test_a_file_that_a_model_reads_is_not_the_warehouse() -> None:
    told = _not_built([node("a", 'IO Error: Cannot open file "/x/caps.csv"')], "marts", HOME)
    assert isinstance(told, dg.Failure)
