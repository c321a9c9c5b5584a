"""Rules that raw and staging tables of one shape share, whoever delivered them.

Belongs here: rules used by two suites of raw or staging tables or more. The suite still says what is special about its
table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, between, filled, matches, measured, never, one_of, positive


def raw_close_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of daily closes, whoever delivered it."""
    return (
        filled("close", why="a bar without a close is no bar", quarantine=True),
        positive("close", why="an index level or fund price is above zero", quarantine=True),
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
        positive("close", why="its logarithm is taken; unknown is null"),
        filled("close", why="every session has a close", severity="warning"),
        filled("symbol", why="a series is known by our name for it; equity_symbols.csv says which"),
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
    address = r"^0x[0-9a-f]{40}$"
    return (
        matches("transaction_hash", r"^0x[0-9a-f]{64}$", why="32 bytes in lower case", quarantine=True),
        *(
            matches(column, address, why="20 bytes in lower case, or joins on wallets miss", quarantine=True)
            for column in ("contract", "from_address", "to_address")
        ),
        between("log_index", 0, None, why="logs are numbered from zero", quarantine=True),
        positive("block_number", why="blocks are numbered from one", quarantine=True),
        # 78 digits hold 2^256 - 1
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number", quarantine=True),
        never(
            "addresses_missing",
            "contract is null or from_address is null or to_address is null or value_raw is null",
            why="a transfer has a token, two sides and an amount",
            quarantine=True,
        ),
    )


def raw_range_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of block ranges that were asked."""
    return (
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
        filled("wallet_set", why="a range counts only for the wallets it was asked for"),
    )


def staged_transfer_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of ERC-20 transfers."""
    return (
        filled("block_number", why="the block dates the transfer"),
        *(
            matches(column, r"^0x[0-9a-f]{40}$", why="addresses are joined in lower case")
            for column in ("contract", "from_address", "to_address")
        ),
        filled("value_raw", why="a transfer has an amount"),
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number"),
    )


def staged_range_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of block ranges that were asked."""
    return (
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        matches("contract", r"^0x[0-9a-f]{40}$", why="contracts are joined in lower case"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
    )


def vendor_flow_rules(*metrics: str) -> tuple[Expectation, ...]:
    """The rules of every raw table of exchange flows that a vendor computed."""
    return (
        one_of("metric", *metrics, why="the metrics that are asked for"),
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
        between("inflow", 0, None, why="gross flows are not negative"),
        between("outflow", 0, None, why="gross flows are not negative"),
        never(
            "netflow_is_not_in_minus_out",
            "abs(netflow - (inflow - outflow)) > 1e-6 * greatest(inflow, outflow, 1)",
            why="netflow is inflow minus outflow; a vendor that computes them apart may differ",
            severity="warning",
        ),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    )
