"""The models themselves: dbt's unit tests run, and no earlier row of a mart changes when the future is cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.sandbox.generator import LAST_DAY
from tests.dbt.empty_warehouse import Warehouse
from tests.proofs import again, builds
from tests.proofs.builds import Built, marts, unchanged

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return builds.whole(tmp_path_factory.mktemp("builds"))


def test_every_unit_test_of_the_models_passes(built: Built) -> None:
    """They bring their own rows: of the warehouse they need only that the tables are there."""
    declared = [
        test["name"] for path in builds.MODELS.rglob("*.yml") for test in builds.read(path).get("unit_tests", [])
    ]
    results = built.whole.dbt(["test", "--select", "test_type:unit"], LAST_DAY)
    assert [f"{node.node.name}: {node.message}" for node in results if node.status != "pass"] == []
    assert sorted(node.node.name for node in results) == sorted(declared)
    assert len(declared) > 40


def test_the_largest_cross_correlation_is_at_the_planted_lag(built: Built) -> None:
    """Small caps and crypto move at once in a generated market."""
    found = built.whole.query("""
        select arg_max(lag_sessions, abs(correlation)) as lag, min(p_value) as p from marts.equity_crypto_lead_lag
        where equity_symbol = '^RUT' and as_of_date = (select max(as_of_date) from marts.equity_crypto_lead_lag)
            and correlation is not null
        group by crypto_series order by crypto_series""")
    assert found["lag"].tolist() == [0, 0, 0]
    assert (found["p"] < 0.05).all()


def test_others_against_bitcoin_gained_what_was_planted(built: Built) -> None:
    truth = json.loads((built.folder / "raw" / "market" / "truth.json").read_text())
    (planted,) = truth["others_btc"]["cycles"]
    found = built.whole.query("""
        select trough_date::date::varchar as trough, peak_date::date::varchar as peak, gain
        from marts.others_btc_cycle_gains
        where membership = 'daily_ranks' and denominator = 'btc_price' and is_main_rule
        order by trough_date desc limit 1""").iloc[0]
    assert (found["trough"], found["peak"]) == (planted["trough"], planted["peak"])
    assert found["gain"] == pytest.approx(planted["gain"], rel=0.01)


@pytest.mark.parametrize("check", again.CHECKS, ids=lambda check: check.__name__)
def test_a_number_made_again_in_another_way_is_the_same(built: Built, check: again.Check) -> None:
    check(built.whole.query)


def test_no_earlier_row_changes_when_the_future_is_cut_off(built: Built) -> None:
    found = builds.compared(built, cuts=1, nights=0)
    told = {proof.what.split(":")[0] for proof in found}
    assert told >= {mart.name for mart in marts() if mart.sampling != "night"}
    assert [proof for proof in found if not proof.passed] == []


def test_a_row_that_changed_is_found(built: Built, tmp_path: Path) -> None:
    """The comparison itself: one changed value, one row gone and one row too many are three that are not the same."""
    place = tmp_path / built.whole.path.name
    place.write_bytes(built.whole.path.read_bytes())
    mart = next(mart for mart in marts() if mart.name == "equity_streaks")
    rows, kept = unchanged(built.whole, Warehouse(tmp_path), mart, LAST_DAY)
    assert rows == kept > 400
    with duckdb.connect(str(place)) as connection:
        connection.execute("update marts.equity_streaks set p_value = 0.5 where session_date = '2025-12-01'")
        connection.execute("delete from marts.equity_streaks where session_date = '2025-12-02'")
        connection.execute("""insert into marts.equity_streaks by name
            select * replace (date '2025-12-06' as session_date) from marts.equity_streaks limit 1""")
    assert unchanged(built.whole, Warehouse(tmp_path), mart, LAST_DAY) == (rows + 1, rows - 2)
    revised = replace(mart, revised=frozenset({"p_value"}))
    assert unchanged(built.whole, Warehouse(tmp_path), revised, LAST_DAY) == (rows + 1, rows - 1)
