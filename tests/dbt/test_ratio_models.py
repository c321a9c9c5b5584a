"""The dbt unit tests of the models between the venues' rows and a coin's daily ratio."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from coin_warehouse import Warehouse

NIGHT = date(2026, 1, 16)
MODELS = (
    "stg_binance_vision__metrics",
    "stg_binance_vision__funding",
    "stg_binance_futures__ratios",
    "stg_bybit__ratios",
    "stg_bybit__open_interest",
    "stg_okx__ratios",
    "int_daily_ratios",
    "int_coin_long_bias",
    "int_ratio_agreement",
)


@pytest.mark.slow
def test_every_unit_test_of_the_ratios_passes(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    parents = ["+int_coin_long_bias", "int_ratio_agreement", "stg_bybit__open_interest", "stg_binance_vision__funding"]
    built = warehouse.dbt(["build", "--exclude-resource-type", "unit_test", "--select", *parents], NIGHT)
    assert [node.node.name for node in built if node.status not in ("success", "pass", "no-op")] == []
    tests = warehouse.dbt(["test", "--select", *(f"test_type:unit,{model}" for model in MODELS)], NIGHT)
    assert [f"{node.node.name}: {node.message}" for node in tests if node.status != "pass"] == []
    assert {node.node.tested_node_unique_id.split(".")[-1] for node in tests} == set(MODELS)
