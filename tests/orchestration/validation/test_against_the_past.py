"""Rules that hold a table against its own past or against the calendar: what passes, what fails, what says nothing."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ExpectationResult, NewBatches, Run, Suite, SuiteError, Whole
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of
from orchestration.validation.suites.history import level_as_usual, no_future, no_unit_jump, rows_as_usual, stale

# A hundred days before the night of 2026-01-16, that day included, ten rows each: 1 to 10, times the day's factor.
DAYS = """
    create schema marts; create table marts.t as
    select day::date as day, 'p' as provider, level * {factor} as level
    from generate_series(date '2025-10-09', date '2026-01-16', interval 1 day) as d(day), range(1, {rows}) as r(level)
    where day > date '2026-01-16' - {days}"""
LAST = "case day when '2026-01-16' then {} else {} end"


def judged(connection: duckdb.DuckDBPyConnection, suite: Suite, name: str, run: Run) -> ExpectationResult:
    rules = tuple(rule for rule in suite.expectations if rule.name == name)
    return next(
        rule for rule in validate(connection, replace(suite, expectations=rules), run).results if rule.name == name
    )


def of_day(rule_name: str, run: Run, *, factor: str = "1", rows: str = "11", days: int = 100) -> ExpectationResult:
    rules = (rows_as_usual("day"), level_as_usual("ln(level)", "day"), stale("day", "day", 1, why="w"))
    with duckdb.connect() as connection:
        connection.execute(DAYS.format(factor=factor, rows=rows, days=days))
        return judged(connection, Suite("marts", "t", ("day", "level"), Whole(), rules), rule_name, run)


@pytest.mark.parametrize(("rows", "status"), [(11, "passed"), (16, "passed"), (22, "violated"), (5, "violated")])
def test_the_newest_day_has_as_many_rows_as_usual(rows: int, status: str, run: Run) -> None:
    found = of_day("rows_of_the_newest_day_over_the_median", run, rows=LAST.format(rows, 11))
    assert (found.status, found.severity) == (status, "warning")


@pytest.mark.parametrize(("factor", "status"), [("1", "passed"), ("1.05", "passed"), ("1000", "violated")])
def test_the_newest_day_lies_where_the_days_before_it_lie(factor: str, status: str, run: Run) -> None:
    found = of_day("newest_day_in_robust_deviations", run, factor=LAST.format(factor, 1))
    assert (found.status, found.severity) == (status, "warning")


@pytest.mark.parametrize("rule", ["rows_of_the_newest_day_over_the_median", "newest_day_in_robust_deviations"])
def test_a_young_history_has_nothing_usual_yet(rule: str, run: Run) -> None:
    found = of_day(rule, run, rows=LAST.format(400, 11), factor=LAST.format(1000, 1), days=30)
    assert (found.status, found.observed) == ("passed", None)


def test_a_table_is_stale_when_its_newest_row_is_older_than_it_may_be(run: Run) -> None:
    assert of_day("days_since_newest_day", run).status == "passed"
    later = replace(run, night=run.night.replace(day=18))
    found = of_day("days_since_newest_day", later)
    assert (found.status, found.observed) == ("violated", "2")


RAW = """
    create schema raw; create table raw.t (
        symbol varchar, day date, stamp timestamptz, price double, _batch_id bigint, _known_at timestamptz,
        _row_hash ubigint)"""


def of_prices(run: Run, *prices: float, hours_ahead: int = -9) -> list[ExpectationResult]:
    """Prices of one symbol on the days up to the night, each judged when it came; the results of the last one."""
    suite = Suite(
        "raw", "t", ("symbol", "day"), NewBatches(), (no_unit_jump("price", "symbol", "day"), no_future("stamp"))
    )
    with duckdb.connect() as connection:
        connection.execute(RAW)
        for number, price in enumerate(prices, start=1):
            connection.execute(
                """insert into raw.t select 'A', date '2026-01-16' - ?::integer, timestamptz '2026-01-17 00:00:00+00'
                + ? * interval 1 hour, ?, ?, timestamptz '2026-01-17 00:00:00+00', ?""",
                [len(prices) - number, hours_ahead, price, number, str(number)],
            )
            results = validate(connection, suite, run).results
        return [rule for rule in results if rule.name.endswith(("unit", "future"))]


@pytest.mark.parametrize(
    ("prices", "refused"),
    [
        ((10.0, 11.0, 9.0, 10.0), 0),
        ((10.0, 11.0, 9.0, 100.0), 0),
        ((10.0, 11.0, 9.0, 10_000.0), 1),
        ((10.0, 11.0, 9.0, 0.01), 1),
        # the wrong one lies a day back: the right one after it is right
        ((10.0, 11.0, 10.0, 10_000.0, 10.0), 0),
        ((10_000.0,), 0),
    ],
)
def test_a_value_a_thousand_times_those_before_it_is_set_aside(
    prices: tuple[float, ...], refused: int, run: Run
) -> None:
    jump, _ = of_prices(run, *prices)
    assert (jump.status, jump.quarantined) == ("violated" if refused else "passed", refused)
    assert [key["day"] for key in jump.sample_keys] == ["2026-01-16"] * refused


def test_a_coin_that_may_have_collapsed_is_told_and_kept() -> None:
    rule = no_unit_jump("price", "symbol", "day", set_aside=False)
    assert (rule.severity, rule.quarantine) == ("warning", False)
    for table, name in (("coingecko_markets", "current_price"), ("coinmetrics_asset_metrics", "value")):
        rules = {rule.name: rule for rule in suite_of("raw", table).rules}
        assert not rules[f"{name}_in_another_unit"].quarantine


@pytest.mark.parametrize(("hours", "refused"), [(-9, 0), (0, 0), (2, 1)])
def test_a_stamp_after_the_moment_it_was_fetched_is_set_aside(hours: int, refused: int, run: Run) -> None:
    _, future = of_prices(run, 10.0, hours_ahead=hours)
    assert (future.status, future.quarantined) == ("violated" if refused else "passed", refused)


@pytest.mark.parametrize(
    ("left_out", "status", "observed"),
    [
        ("false", "passed", "0"),
        ("session_date = '2025-11-28'", "violated", "2"),  # a half day, in both
        ("symbol = 'SPY' and session_date in ('2025-12-24', '2025-12-26')", "violated", "2"),
        ("symbol = 'SPY' and session_date < '2025-12-01'", "passed", "0"),  # its history begins there
    ],
)
def test_every_series_has_every_session_of_the_calendar(left_out: str, status: str, observed: str, run: Run) -> None:
    with duckdb.connect() as connection:
        sessions(connection, f"not ({left_out})")
        found = judged(connection, suite_of("intermediate", "int_equity_bars"), "sessions_missing_of_a_year", run)
    assert (found.status, found.observed) == (status, observed)


@pytest.mark.parametrize(("day", "status"), [("2026-01-16", "passed"), ("2025-12-25", "violated")])
def test_a_bar_needs_a_session(day: str, status: str, run: Run) -> None:
    with duckdb.connect() as connection:
        sessions(connection, "session_date <> '2026-01-16'")
        connection.execute("insert into intermediate.int_equity_bars values ('SPY', ?)", [day])
        found = judged(connection, suite_of("intermediate", "int_equity_bars"), "bar_without_a_session", run)
    assert (found.status, [key["session_date"] for key in found.sample_keys]) == (
        status,
        [day] * (status == "violated"),
    )


def sessions(connection: duckdb.DuckDBPyConnection, bars: str) -> None:
    """The real calendar of a quarter, and the bars of two series on it."""
    import exchange_calendars  # noqa: PLC0415

    days = exchange_calendars.get_calendar("XNYS", start="2025-10-15", end="2026-01-16").sessions.date
    connection.execute("create schema intermediate; create table intermediate.int_xnys_sessions (session_date date)")
    connection.executemany("insert into intermediate.int_xnys_sessions values (?)", [[day] for day in days])
    connection.execute(f"""
        create table intermediate.int_equity_bars as
        select symbol, session_date from intermediate.int_xnys_sessions, (values ('SPY'), ('^RUT')) as s(symbol)
        where {bars}""")


@pytest.mark.parametrize(
    ("left_out", "observed"), [("false", "0"), ("hour(open_time) = 3", "1"), ("symbol = 'B'", "0")]
)
def test_a_market_that_never_closes_has_every_hour(left_out: str, observed: str, run: Run) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; create schema raw; create schema staging")
        connection.execute("create table raw.binance_vision_klines (open_time timestamptz, _batch_id bigint)")
        connection.execute(f"""
            create table staging.stg_binance_vision__spot_bars as
            select symbol, '1h' as bar_interval, open_time
            from (select timestamptz '2026-01-16 00:00:00+00' + h * interval 1 hour as open_time
                from range(24) as r(h)), (values ('A'), ('B')) as s(symbol)
            where not ({left_out})""")
        suite = suite_of("staging", "stg_binance_vision__spot_bars")
        found = judged(connection, suite, "hours_missing_of_thirty_days", run)
    assert (found.observed, found.status) == (observed, "passed" if observed == "0" else "violated")


@pytest.mark.parametrize(
    ("table", "rule", "column", "values"),
    [
        ("int_netflow_coverage", "coverage_of_the_newest_day", "coverage double", (0.5, 0.9)),
        ("int_daily_ratios", "share_sufficient_on_the_newest_day", "is_sufficient boolean", (False, True)),
    ],
)
def test_a_day_is_covered_when_the_newest_one_is(
    table: str, rule: str, column: str, values: tuple[object, object], run: Run
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create schema intermediate; create table intermediate.{table} (date date, {column})")
        for day, value, status in zip((14, 15), values, ("violated", "passed"), strict=True):
            connection.execute(f"insert into intermediate.{table} values (make_date(2026, 1, ?), ?)", [day, value])
            assert judged(connection, suite_of("intermediate", table), rule, run).status == status


@pytest.mark.parametrize(("left_out", "observed"), [("2025-09-01", "0"), ("2026-01-03", "1")])
def test_coins_have_caps_every_day_of_a_quarter(left_out: str, observed: str, run: Run) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"""
            create schema intermediate; create table intermediate.int_coin_caps as
            select date '2026-01-16' - d::integer as date from range(200) as r(d) where date <> '{left_out}'""")
        found = judged(connection, suite_of("intermediate", "int_coin_caps"), "days_missing_of_ninety", run)
    assert (found.observed, found.status) == (observed, "passed" if observed == "0" else "violated")


def test_only_a_mart_that_reads_a_table_passes_it_on() -> None:
    with pytest.raises(SuiteError, match=r"marts\.claims does not read int_drawdowns"):
        passed_on("int_drawdowns", Whole(), to="claims")
    suite = passed_on("int_long_bias_trend", Whole(), to="long_bias_trend")
    assert {rule.name for rule in suite.expectations} == {"jt_statistic_to_be_between", "jt_expected_to_be_between"}
