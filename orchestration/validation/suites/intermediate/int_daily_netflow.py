"""Daily exchange flows in native units, each from one provider. Missing is null, not zero."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.history import level_as_usual, rows_as_usual

SUITE = suite(
    "intermediate",
    "int_daily_netflow",
    ChangedDays("date"),
    (
        never(
            "netflow_is_not_in_minus_out",
            "provider in ('ethereum', 'blockscout', 'coinmetrics') "
            "and abs(netflow - (inflow - outflow)) > 1e-9 * greatest(inflow, outflow, 1)",
            why="netflow is inflow minus outflow; where a vendor gives it as well, staging says how far it differs",
        ),
        never(
            "part_of_a_flow", "(inflow is null) <> (outflow is null)", why="a day is known in both directions or not"
        ),
        never(
            "reserve_identity",
            "abs(reserve_change - (netflow + cross_exchange + excluded)) "
            "> 1e-9 * greatest(inflow, outflow, internal, abs(reserve_change), abs(excluded), 1)",
            why="what the wallets gained is what came from outside, from other exchanges and from mint and collateral",
        ),
        rows_as_usual("date"),
        level_as_usual("ln(1 + transfers)", "date"),
    ),
)
