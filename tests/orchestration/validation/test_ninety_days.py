"""The drift rules of the real suites, night after night over a constructed history: when they begin, and at what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from orchestration.validation.rules import ExpectationResult, Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of

ROWS, LEVEL = "rows_of_the_newest_day_over_the_median", "newest_day_in_robust_deviations"
FIRST, NIGHTS, BEGINS = date(2025, 10, 1), 100, 30
# Of each table: its columns beside `date`, and a row as SQL over `coin` (1 to 20) and `level` (about 1, as it drifts).
TABLES = {
    "int_coin_caps": (
        "coin_id varchar, provider varchar, market_cap_usd double",
        "'c' || coin, 'coingecko', 1e9 * coin * level",
    ),
    "int_daily_ratios": ("coin_id varchar, log_ratio double", "'c' || coin, ln(1.2 * level) + coin / 100"),
    "int_daily_netflow": ("symbol varchar, transfers bigint", "'t' || coin, cast(10000 * coin * level as bigint)"),
}


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connection(table: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            f"create schema intermediate; create table intermediate.{table} (date date, {TABLES[table][0]})"
        )
        yield connection


def add(connection: duckdb.DuckDBPyConnection, table: str, day: date, level: float = 1, coins: int = 20) -> None:
    row = TABLES[table][1]
    connection.execute(
        f"insert into intermediate.{table} select ?, {row} from (select ?::double as level), range(1, ?) as r(coin)",
        [day, level, coins + 1],
    )


def judged(connection: duckdb.DuckDBPyConnection, table: str, night: date, run: Run) -> dict[str, ExpectationResult]:
    suite = suite_of("intermediate", table)
    only = replace(suite, expectations=tuple(rule for rule in suite.expectations if rule.name in (ROWS, LEVEL)))
    results = {rule.name: rule for rule in validate(connection, only, replace(run, night=night)).results}
    return {name: results[name] for name in (ROWS, LEVEL)}


def ordinary(number: int) -> float:
    """A market that moves some 4 % on a day and had one bad week of 8 % a day."""
    steps = np.random.default_rng(7).normal(0, 0.04, NIGHTS)
    steps[60:67] -= 0.08
    return float(np.exp(np.cumsum(steps)[number]))


def test_ordinary_nights_are_judged_from_the_thirty_first_on_and_none_is_refused(
    connection: duckdb.DuckDBPyConnection, table: str, run: Run
) -> None:
    for number in range(NIGHTS):
        night = FIRST + timedelta(days=number)
        add(connection, table, night, ordinary(number), coins=20 - number % 3)
        if number == BEGINS - 1 or (number >= BEGINS and number % 5 == 0):
            found = judged(connection, table, night, run)
            assert [rule.status for rule in found.values()] == ["passed", "passed"], (number, found)
            is_judged = number >= BEGINS
            assert [rule.observed is not None for rule in found.values()] == [is_judged, is_judged], number


ODD = {
    "an ordinary day": (1, 20, []),
    "thousands": (1000, 20, [LEVEL]),
    "thousandths": (0.001, 20, [LEVEL]),
    "less than half of the rows": (1, 9, [ROWS]),
    "more than twice the rows": (1, 45, [ROWS]),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_another_unit_and_half_an_answer_are_told_after_thirty_days(
    connection: duckdb.DuckDBPyConnection, table: str, run: Run, odd: tuple[float, int, list[str]]
) -> None:
    level, coins, refused = odd
    for number in range(BEGINS):
        add(connection, table, FIRST + timedelta(days=number), ordinary(number))
    night = FIRST + timedelta(days=BEGINS)
    add(connection, table, night, level * ordinary(BEGINS), coins)
    found = judged(connection, table, night, run)
    assert [name for name, rule in found.items() if rule.status == "violated"] == refused
    assert {rule.severity for rule in found.values()} == {"warning"}


def test_a_day_is_held_to_days_of_its_own_provider(run: Run) -> None:
    """Two providers list other coins: after a change nothing is compared until thirty days of the new one are there."""
    table = "int_coin_caps"
    with duckdb.connect() as connection:
        connection.execute(
            f"create schema intermediate; create table intermediate.{table} (date date, {TABLES[table][0]})"
        )
        for number in range(BEGINS + 10):
            add(connection, table, FIRST + timedelta(days=number))
        night = FIRST + timedelta(days=BEGINS + 10)
        add(connection, table, night, 1000, coins=200)
        connection.execute(f"update intermediate.{table} set provider = 'coinmarketcap' where date = ?", [night])
        found = judged(connection, table, night, run)
    assert [(rule.status, rule.observed) for rule in found.values()] == [("passed", None)] * 2
