"""Every rule has a corruption and every corruption a rule; what one trips shows when the rule is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.catalogue import RAW_TABLES
from ingestion.warehouse import raw
from orchestration.validation.dictionary import tables
from orchestration.validation.rules import Suite
from orchestration.validation.suites import suite_of
from tests.corruption import catalogue, elsewhere
from tests.corruption.bench import Bench, problem
from tests.corruption.entry import Corruption
from tests.corruption.page import PAGE, rules_on

YAHOO = suite_of("raw", "yahoo_chart")
COLUMNS = {
    table.full_name: {name: column.type.upper() for name, column in table.columns.items()}
    for table in tables().values()
}
RULES = {f"{suite.full_name}.{rule.name}" for suite in catalogue.suites() for rule in suite.rules}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A hundred good bars of one index, and nothing else."""
    path = tmp_path_factory.mktemp("good") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        raw.prepare(connection, RAW_TABLES)
        connection.execute("""
            insert into raw.yahoo_chart by name
            select '^RUT' as symbol, day::date as session_date, 2000.0 as open, 2010.0 as high, 1990.0 as low,
                2001.0 as close, 2001.0 as adj_close, 1000 as volume, 1 as _batch_id,
                timestamptz '2026-01-17 10:30:00+00' as _known_at, hash(day::varchar) as _row_hash
            from generate_series(date '2025-09-01', date '2026-01-16', interval 1 day) as days(day)
            where isodow(day) < 6""")
    bench = Bench(path, [YAHOO])
    yield bench
    bench.close()


def entries(suite: Suite = YAHOO) -> list[Corruption]:
    return [
        Corruption(suite, rule, ways)
        for rule in suite.rules
        for ways in catalogue.of_rule(suite, rule, COLUMNS[suite.full_name])
    ]


def test_no_rule_is_without_an_entry_and_no_entry_without_a_rule() -> None:
    assert catalogue.without_an_entry(COLUMNS) == []
    assert catalogue.without_a_rule() == []


def test_the_page_names_every_rule_and_no_other() -> None:
    named = rules_on(PAGE.read_text(encoding="utf-8"))
    rewrite = "run python -m tests.corruption, which writes the page anew"
    assert sorted(RULES - named) == [], rewrite
    assert sorted(named - RULES) == [], rewrite


@pytest.mark.parametrize("corruption", entries(), ids=lambda entry: f"{entry.rule.name}: {entry.ways[0].words}")
def test_each_corruption_of_a_table_trips_its_rule_alone(bench: Bench, corruption: Corruption) -> None:
    assert problem(bench.run(corruption)) is None


@pytest.mark.parametrize("name", [rule.name for rule in YAHOO.expectations])
def test_a_rule_that_is_taken_away_leaves_an_entry_that_nothing_catches(bench: Bench, name: str) -> None:
    shorter = replace(YAHOO, expectations=tuple(rule for rule in YAHOO.expectations if rule.name != name))
    orphans = [replace(entry, suite=shorter) for entry in entries() if entry.rule.name == name]
    assert orphans
    assert all(f"were violated and not ['{name}'" in (problem(bench.run(orphan)) or "") for orphan in orphans)


@pytest.mark.parametrize(
    "entry", [entry for entry in elsewhere.ENTRIES if entry.layer == "landing"], ids=lambda entry: entry.words
)
def test_landed_bytes_that_changed_are_not_replayed(tmp_path: Path, entry: elsewhere.Elsewhere) -> None:
    assert elsewhere.tell(entry, tmp_path, tmp_path).problem is None
