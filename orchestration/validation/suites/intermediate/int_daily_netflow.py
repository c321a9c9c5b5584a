"""Daily exchange flows in native units. Missing is null, not zero."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never, one_of

SUITE = Suite(
    "intermediate",
    "int_daily_netflow",
    # Two contracts may share a symbol; flows without a contract come per coin.
    key=("date", "exchange", "symbol"),
    slice=ChangedDays("date"),
    expectations=(
        between("inflow", 0, None, why="gross flows are not negative"),
        between("outflow", 0, None, why="gross flows are not negative"),
        between("internal", 0, None, why="moves inside the exchange are not negative"),
        between("coverage", 0, 1, why="a share of the day's blocks"),
        one_of("provider", "ethereum", "blockscout", "coinmetrics", why="the providers of flows"),
        never(
            "netflow_is_not_in_minus_out",
            "abs(netflow - (inflow - outflow)) > 1e-9 * greatest(inflow, outflow, 1)",
            why="netflow is inflow minus outflow",
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
    ),
)
