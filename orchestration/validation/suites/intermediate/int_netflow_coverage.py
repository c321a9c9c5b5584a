"""How much of each contract's day was asked in both legs."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, one_of

SUITE = Suite(
    "intermediate",
    "int_netflow_coverage",
    key=("date", "contract"),
    slice=ChangedDays("date"),
    expectations=(
        filled("coverage", why="an asked day has a share"),
        between("coverage", 0, 1, why="a share of the day's blocks"),
        filled("wallet_set", why="an answer counts for the labels it was asked with"),
        one_of("provider", "ethereum", "blockscout", why="the providers of transfers"),
    ),
)
