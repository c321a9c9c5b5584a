"""The gate: what passes, what is refused, what could not be judged, and what is not looked at twice."""

from __future__ import annotations

import json
from dataclasses import replace

import duckdb
import pytest

from orchestration.validation import ledger
from orchestration.validation.rules import (
    ChangedDays,
    Expectation,
    ExpectationResult,
    NewBatches,
    Run,
    Slice,
    Suite,
    SuiteError,
    SuiteResult,
    TouchedBy,
    Whole,
    between,
    blocked,
    expect,
    filled,
    measured,
    never,
    one_of,
    positive,
    verdict,
)
from orchestration.validation.runner import validate

Warehouse = duckdb.DuckDBPyConnection


def raw_suite(*rules: Expectation) -> Suite:
    return Suite("raw", "bars", ("symbol", "session_date"), NewBatches(), rules)


def mart_suite(*rules: Expectation, cut: Slice | None = None) -> Suite:
    return Suite("marts", "daily", ("day",), cut or ChangedDays("day"), rules)


def add_bars(warehouse: Warehouse, batch: int, *closes: float | None, first_day: int = 1) -> None:
    for number, close in enumerate(closes):
        warehouse.execute(
            "insert into raw.bars values ('IWM', date '2026-01-01' + ?::integer, ?, ?, timestamptz '2026-01-17', ?)",
            [first_day + number, close, batch, 1000 * batch + number],
        )


def add_days(warehouse: Warehouse, *values: float | None) -> None:
    for number, value in enumerate(values):
        warehouse.execute("insert into marts.daily values (date '2026-01-01' + ?::integer, ?)", [number, value])


def named(result: SuiteResult, name: str) -> ExpectationResult:
    return next(rule for rule in result.results if rule.name == name)


def test_good_rows_pass_every_rule(warehouse: Warehouse, run: Run) -> None:
    add_bars(warehouse, 1, 100.0, 101.0)
    result = validate(warehouse, raw_suite(filled("close", why="w"), positive("close", why="w")), run)
    assert [rule.status for rule in result.results] == ["passed"] * 5
    assert result.evaluated_rows == 2
    assert not result.blocked


def test_a_critical_violation_blocks_and_names_the_first_rows(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, 1.0, -1.0, 2.0, -2.0)
    result = validate(warehouse, mart_suite(positive("value", why="counted from zero")), run)
    rule = named(result, "value_to_be_between")
    assert (rule.status, rule.severity, rule.unexpected_count, rule.evaluated_rows) == ("violated", "critical", 2, 4)
    assert rule.sample_keys == ({"day": "2026-01-02"}, {"day": "2026-01-04"})
    assert rule.message == "2 of 4 rows: counted from zero"
    assert result.blocked
    assert blocked([result])
    assert verdict([result]) == (
        "3 of 4 rules passed on 1 tables; blocked by marts.daily.value_to_be_between: 2 of 4 rows: counted from zero"
    )


def test_at_most_twenty_keys_are_shown_and_all_rows_are_counted(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, *[-1.0] * 30)
    rule = named(validate(warehouse, mart_suite(positive("value", why="w")), run), "value_to_be_between")
    assert rule.unexpected_count == 30
    assert len(rule.sample_keys) == 20


def test_a_warning_is_told_and_does_not_block(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, 101.0)
    result = validate(warehouse, mart_suite(between("value", 0, 100, why="w", severity="warning")), run)
    assert named(result, "value_to_be_between").status == "violated"
    assert not result.blocked
    assert verdict([result]) == "3 of 4 rules passed on 1 tables, 1 warnings"


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(between("no_such_column", 0, 1, why="w", name="broken"), id="missing column"),
        pytest.param(never("broken", "no_such_column > 1", why="w"), id="missing column in SQL"),
        pytest.param(expect("ExpectNoSuchThing", "value", why="w", name="broken"), id="unknown expectation"),
        pytest.param(expect("ExpectColumnValuesToBeBetween", "value", why="w", name="broken"), id="no bounds"),
        pytest.param(one_of("value", 1, why="w", name="broken", mostly=7), id="impossible argument"),
    ],
)
def test_what_could_not_be_evaluated_is_an_error_and_not_a_violation(
    warehouse: Warehouse, run: Run, rule: Expectation
) -> None:
    add_days(warehouse, 1.0)
    result = validate(warehouse, mart_suite(rule, positive("value", why="w", name="sound")), run)
    assert named(result, "broken").status == "error"
    assert named(result, "broken").message.startswith("could not be evaluated: ")
    assert "\n" not in named(result, "broken").message
    assert named(result, "sound").status == "passed"
    assert result.blocked


def test_an_exception_inside_great_expectations_is_an_error(warehouse: Warehouse, run: Run) -> None:
    warehouse.execute("alter table marts.daily add column label varchar")
    warehouse.execute("insert into marts.daily values (date '2026-01-01', 1.0, 'text')")
    result = validate(warehouse, mart_suite(between("label", 0, 1, why="a text is no number")), run)
    assert named(result, "label_to_be_between").status == "error"


def test_a_missing_table_is_an_error_of_every_rule(warehouse: Warehouse, run: Run) -> None:
    result = validate(warehouse, Suite("marts", "absent", ("day",), Whole()), run)
    assert {rule.status for rule in result.results} == {"error"}
    assert result.blocked
    assert "there is no table marts.absent" in result.results[0].message


def test_a_view_that_cannot_be_read_is_an_error_and_the_next_table_is_still_judged(
    warehouse: Warehouse, run: Run
) -> None:
    warehouse.execute("create view marts.broken as select 'x'::varchar::date as day from marts.daily")
    add_days(warehouse, 1.0)
    assert validate(warehouse, Suite("marts", "broken", ("day",), Whole()), run).blocked
    assert not validate(warehouse, mart_suite(), run).blocked


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        pytest.param("(date '2026-01-01', 1), (date '2026-01-01', 2)", "key_is_unique", id="key twice"),
        pytest.param("(null, 1)", "key_is_complete", id="null in the key"),
        pytest.param("(date '2026-01-01', 'nan')", "numbers_are_finite", id="NaN, which pandas takes for null"),
        pytest.param("(date '2026-01-01', '-inf')", "numbers_are_finite", id="infinity"),
    ],
)
def test_every_suite_demands_a_key_and_finite_numbers(warehouse: Warehouse, run: Run, values: str, broken: str) -> None:
    warehouse.execute(f"insert into marts.daily values {values}")
    result = validate(warehouse, mart_suite(), run)
    assert [rule.name for rule in result.results if rule.status == "violated"] == [broken]
    assert named(result, broken).sample_keys != ()


def test_null_is_not_a_violation_of_bounds(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, None, 1.0)
    assert not validate(warehouse, mart_suite(between("value", 0, 1, why="w")), run).blocked


def test_a_few_bad_raw_rows_are_set_aside_and_the_rest_goes_on(warehouse: Warehouse, run: Run) -> None:
    add_bars(warehouse, 1, 100.0, -5.0, 101.0)
    result = validate(warehouse, raw_suite(positive("close", why="a price", quarantine=True)), run)
    rule = named(result, "close_to_be_between")
    assert (rule.status, rule.severity, rule.quarantined) == ("violated", "warning", 1)
    assert not result.blocked
    stored = warehouse.sql("select _batch_id, _row_hash, rule, reason, row_json from quarantine.bars").fetchall()
    assert [row[:4] for row in stored] == [(1, 1001, "close_to_be_between", "a price")]
    assert json.loads(stored[0][4])["close"] == -5.0


def test_many_bad_raw_rows_block_and_nothing_is_set_aside(warehouse: Warehouse, run: Run) -> None:
    add_bars(warehouse, 1, 100.0, -1.0, -2.0, -3.0, -4.0)
    suite = raw_suite(positive("close", why="a price", quarantine=True))
    result = validate(warehouse, suite, run)
    assert result.blocked
    assert result.quarantined == 0
    assert named(result, "close_to_be_between").message == "4 of 5 rows: a price; more than 5% are no accident"
    assert validate(warehouse, suite, run).evaluated_rows == 5, "a blocked slice is judged again"


def test_a_share_of_a_large_slice_is_tolerated(warehouse: Warehouse, run: Run) -> None:
    add_bars(warehouse, 1, *[100.0] * 95, *[-1.0] * 5)
    result = validate(warehouse, raw_suite(positive("close", why="w", quarantine=True)), run)
    assert (result.blocked, result.quarantined) == (False, 5)


def test_only_batches_that_were_not_let_through_are_judged(warehouse: Warehouse, run: Run) -> None:
    suite = raw_suite(positive("close", why="w", quarantine=True))
    add_bars(warehouse, 2, 100.0, -1.0)
    assert validate(warehouse, suite, run).evaluated_rows == 2
    add_bars(warehouse, 3, 101.0, first_day=3)
    again = validate(warehouse, suite, run)
    assert (again.evaluated_rows, again.quarantined) == (1, 0)
    add_bars(warehouse, 1, 99.0, first_day=9)  # landed before the others and loaded late, after a crash
    assert validate(warehouse, suite, run).evaluated_rows == 1
    nothing = validate(warehouse, suite, run)
    assert (nothing.evaluated_rows, nothing.blocked) == (0, False)
    assert warehouse.sql("select count(*) from quarantine.bars").fetchall() == [(1,)]


def test_staging_is_judged_where_a_new_batch_touched_it(warehouse: Warehouse, run: Run) -> None:
    cut = TouchedBy("bars", "session_date", "session_date")
    suite = Suite("staging", "stg_bars", ("symbol", "session_date"), cut, (positive("close", why="w"),))
    add_bars(warehouse, 1, 100.0, 101.0, 102.0)
    assert validate(warehouse, suite, run).evaluated_rows == 3
    add_bars(warehouse, 2, -1.0, first_day=2)
    result = validate(warehouse, suite, run)
    assert result.evaluated_rows == 1
    assert named(result, "close_to_be_between").sample_keys == ({"symbol": "IWM", "session_date": "2026-01-03"},)


def test_marts_are_judged_on_new_and_on_restated_days(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, 1.0, 2.0, 3.0)
    assert validate(warehouse, mart_suite(), run).evaluated_rows == 3
    assert validate(warehouse, mart_suite(), run).evaluated_rows == 0
    warehouse.execute("update marts.daily set value = 9 where day = date '2026-01-01'")
    warehouse.execute("insert into marts.daily values (date '2026-01-09', 1)")
    assert validate(warehouse, mart_suite(), run).evaluated_rows == 2


def test_a_stamp_of_the_run_is_no_change(warehouse: Warehouse, run: Run) -> None:
    warehouse.execute("alter table marts.daily add column as_of timestamptz")
    warehouse.execute("insert into marts.daily values (date '2026-01-01', 1, timestamptz '2026-01-17')")
    suite = mart_suite(cut=ChangedDays("day", ignoring=("as_of",)))
    assert validate(warehouse, suite, run).evaluated_rows == 1
    warehouse.execute("update marts.daily set as_of = timestamptz '2026-01-18'")
    assert validate(warehouse, suite, run).evaluated_rows == 0


def test_a_measure_looks_at_the_table_even_when_nothing_is_new(warehouse: Warehouse, run: Run) -> None:
    rule = measured("days_behind", "select {night} - max(day) from {table}", None, 2, why="it must be recent")
    assert validate(warehouse, mart_suite(rule), run).results[-1].status == "passed", "an empty table has no newest day"
    add_days(warehouse, 1.0)
    result = validate(warehouse, mart_suite(rule), run).results[-1]
    assert (result.status, result.severity, result.observed) == ("violated", "warning", "15")
    assert result.message == "found 15: it must be recent"


def test_results_are_kept_and_tell_whether_exactly_this_content_passed(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, 1.0, 2.0)
    suite = mart_suite(between("value", 0, 5, why="w"))
    validate(warehouse, suite, run)
    first = ledger.content_hash(warehouse, "marts", "daily")
    assert ledger.passed(warehouse, "marts", "daily", first)
    warehouse.execute("update marts.daily set value = 7 where value = 2")
    second = ledger.content_hash(warehouse, "marts", "daily")
    assert not ledger.passed(warehouse, "marts", "daily", second), "not audited yet"
    later = replace(run, run_id="run-2", checked_at=run.checked_at.replace(day=18))
    assert validate(warehouse, suite, later).content_hash == second
    assert not ledger.passed(warehouse, "marts", "daily", second), "audited and refused"
    assert ledger.passed(warehouse, "marts", "daily", first)
    stored = warehouse.sql("select run_id, status, sample_keys::varchar from meta.validation_results").fetchall()
    assert len(stored) == 8
    assert stored[-1] == ("run-2", "violated", '[{"day": "2026-01-02"}]')


def test_the_content_hash_ignores_row_order_and_time_zone_and_nothing_else(warehouse: Warehouse) -> None:
    def content(query: str) -> str:
        warehouse.execute(f"create or replace table marts.content as {query}")
        return ledger.content_hash(warehouse, "marts", "content")

    rows = "values (1, timestamptz '2026-01-01 00:00:00+00', null), (2, null, 'x')"
    base = content(f"from ({rows}) as t(a, b, c)")
    assert content(f"from ({rows}) as t(a, b, c) order by a desc") == base
    warehouse.execute("set TimeZone = 'America/New_York'")
    assert content(f"from ({rows}) as t(a, b, c)") == base
    assert content(f"from ({rows}) as t(a, b, d)") != base, "a renamed column"
    assert content(f"select a::bigint as a, b, c from ({rows}) as t(a, b, c)") != base, "another type"
    assert content(f"from ({rows}, (2, null, 'x')) as t(a, b, c)") != base, "a row twice"
    assert content(f"select a, b, coalesce(c, '') as c from ({rows}) as t(a, b, c)") != base, "null and empty"


def test_a_suite_that_is_written_wrongly_is_refused() -> None:
    with pytest.raises(SuiteError, match="names two rules alike: same"):
        raw_suite(filled("close", why="w", name="same"), positive("close", why="w", name="same"))
    with pytest.raises(SuiteError, match="only raw tables have a quarantine"):
        mart_suite(positive("value", why="w", quarantine=True))
    with pytest.raises(SuiteError, match="cut by value, which is not in its key"):
        mart_suite(cut=ChangedDays("value"))


def test_a_measure_without_a_row_could_not_be_evaluated(warehouse: Warehouse, run: Run) -> None:
    add_days(warehouse, 1.0)
    rule = measured("none", "select value from {table} where value > 1", None, 1, why="w", severity="critical")
    result = validate(warehouse, mart_suite(rule), run)
    assert named(result, "none").status == "error"
    assert named(result, "none").message == "could not be evaluated: its query gives no row"
    assert result.blocked
