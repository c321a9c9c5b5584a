"""Rules that raw and staging tables of one shape share, whoever delivered them.

Belongs here: rules used by two suites of raw or staging tables or more. The suite still says what is special about its
table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, filled, measured, never, one_of
from orchestration.validation.suites.history import no_future


def raw_close_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of daily closes, whoever delivered it."""
    return (
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session", quarantine=True),
    )


def raw_bar_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of daily bars, whoever delivered it."""
    return (
        *raw_close_rules(),
        never("high_below_low", "high < low", why="the day's high is not below its low", quarantine=True),
        never(
            "close_outside_range",
            # Vendors round each field on its own; a tenth of a percent is rounding, more is another instrument.
            "close > high * 1.001 or close < low * 0.999",
            why="the close lies between low and high",
            severity="warning",
        ),
    )


def staged_close_rules(*symbols: str) -> tuple[Expectation, ...]:
    """The rules of every staging table of daily closes, whoever delivered it."""
    return (
        filled("close", why="every session has a close", severity="warning"),
        one_of("symbol", *symbols, why="the series that are asked for", severity="warning"),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    )


def whole_days(rows: int, *subject: str, day: str = "cast(timestamp as date)") -> Expectation:
    """A day that is asked whole comes whole: the fewest rows that any subject has on any day of the slice."""
    groups = ", ".join((*subject, day))
    return measured(
        "fewest_rows_a_day",
        f"select min(held) from (select count(*) as held from {{slice}} group by {groups})",  # noqa: S608 - our names
        0.9 * rows,
        None,
        why=f"a finished day has {rows} rows; an answer that stops early looks like success",
    )


def raw_transfer_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of ERC-20 transfers, whoever read them from the chain."""
    return (
        never(
            "addresses_missing",
            "contract is null or from_address is null or to_address is null or value_raw is null",
            why="a transfer has a token, two sides and an amount",
            quarantine=True,
        ),
    )


def raw_range_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of block ranges that were asked."""
    return (never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),)


def staged_range_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of block ranges that were asked."""
    return (never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),)


def vendor_flow_rules(*metrics: str) -> tuple[Expectation, ...]:
    """The rules of every raw table of exchange flows that a vendor computed."""
    return (
        never(
            "gross_flow_below_zero",
            "metric <> 'netflow' and value < 0",
            why="gross flows and reserves are not negative",
            quarantine=True,
        ),
        never("day_after_the_night", "date > {night}", why="a day that is not over has no flow", severity="warning"),
        measured(
            "days_since_newest_value",
            "select {night} - min(newest) from (select max(date) as newest from {table} group by metric)",
            None,
            3,
            why="every metric is asked for up to the night; an answer that stops early looks like success",
        ),
        measured(
            "metrics_without_a_row",
            f"select case when count(*) > 0 then {len(metrics)} - count(distinct metric) end from {{table}}",  # noqa: S608
            None,
            0,
            why="every metric is asked for; an empty list of one of them is no zero",
        ),
    )


def vendor_daily_flow_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of exchange flows that a vendor computed."""
    return (
        never(
            "netflow_is_not_in_minus_out",
            "abs(netflow - (inflow - outflow)) > 1e-6 * greatest(inflow, outflow, 1)",
            why="netflow is inflow minus outflow; a vendor that computes them apart may differ",
            severity="warning",
        ),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    )


def settlement_rules(subject: str = "contract") -> tuple[Expectation, ...]:
    """The rules of funding settlements of any venue; `subject` is the column that names the contract."""
    return (
        no_future("funding_minute"),
        measured(
            "days_missing_at_the_end_of_a_month",
            "select max(least(last_day(newest), {night}) - newest) from ("  # noqa: S608 - a column of ours
            f"select cast(max(funding_minute) as date) as newest from {{slice}} "
            f"group by {subject}, date_trunc('month', funding_minute))",
            None,
            1,
            why="a month is asked to its end, or to the night; perpetuals settle every eight hours or oftener",
        ),
    )
