"""A mart that keeps history takes nothing that its own gate would refuse: it would hold it for ever."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.validation.dictionary import keeps_history, passed_on, tables
from orchestration.validation.rules import Run, SuiteError, Whole
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of

KEPT = [mart.name for mart in tables().values() if mart.schema == "marts" and keeps_history(mart.name)]
FED = [
    (source, mart)
    for mart in KEPT
    for source in tables()["marts", mart].source.split(", ")
    if ("intermediate", source) in tables()
]
CLAIMS = [source for source, mart in FED if mart == "claim_measures"]


def test_three_marts_keep_history_and_six_tables_feed_them() -> None:
    """The claims follow from their measures alone, and those are fed by what was judged before."""
    assert sorted(KEPT) == ["claim_measures", "claims", "signal_event_study"]
    assert len(FED) == 6
    assert tables()["marts", "claims"].source == "claim_measures"


@pytest.mark.parametrize(("source", "mart"), FED)
def test_a_table_is_not_passed_on_to_a_mart_that_keeps_history(source: str, mart: str) -> None:
    with pytest.raises(SuiteError, match=rf"marts\.{mart} keeps history: judge {source} by all of its rules"):
        passed_on(source, Whole(), to=mart)


@pytest.mark.parametrize(("source", "mart"), FED)
def test_every_rule_about_rows_of_the_mart_is_judged_before_it(source: str, mart: str) -> None:
    columns = set(tables()["intermediate", source].columns)
    of_mart = {
        rule.name
        for rule in suite_of("marts", mart).rules
        if rule.measure is None and (rule.column is None or rule.column in columns)
    }
    of_seed = {"statement_to_not_be_null"}  # the mart takes its statements from the seed of verdict rules
    assert of_mart - {rule.name for rule in suite_of("intermediate", source).rules} - of_seed == set()


@pytest.mark.parametrize(("low", "is_blocked"), [(0.1, False), (0.3, True)])
@pytest.mark.parametrize("source", CLAIMS)
def test_an_interval_that_runs_backwards_is_stopped_before_the_mart(
    source: str, low: float, is_blocked: bool, run: Run
) -> None:
    suite = suite_of("intermediate", source)
    columns = tables()["intermediate", source].columns
    claim = columns["claim_id"].values[0]
    shape = ", ".join(f'"{name}" {column.type}' for name, column in columns.items())
    with duckdb.connect() as connection:
        connection.execute(f"create schema intermediate; create table {suite.full_name} ({shape})")
        connection.execute(f"""
            insert into {suite.full_name} by name select '{claim}' as claim_id, 'm' as metric, 0.2 as value,
                {low} as ci_low, 0.2 as ci_high, 5 as n, 'inconclusive' as verdict, 'too few' as reason,
                date '{run.night}' as evaluation_date, timestamptz '{run.checked_at}' as as_of""")
        found = validate(connection, suite, run)
    violated = [rule.name for rule in found.results if rule.status != "passed"]
    assert (violated, found.blocked) == (["interval_backwards"] if is_blocked else [], is_blocked)
