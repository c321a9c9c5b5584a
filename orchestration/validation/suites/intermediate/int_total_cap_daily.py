"""The daily total cap, from one provider for the whole series."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, measured, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_total_cap_daily",
    key=("date",),
    slice=ChangedDays("date"),
    expectations=(
        filled("total_cap_usd", why="a day without a total has no row"),
        positive("total_cap_usd", why="its logarithm is taken"),
        positive("total_ex_btc_usd", why="Bitcoin is a part of the total"),
        between("btc_dominance_pct", 0, 100, why="a share in percent"),
        one_of("provider", "coinmarketcap", "coingecko", why="the two providers of a total"),
        never("part_above_total", "total_ex_btc_usd > total_cap_usd", why="a part is not more than the whole"),
        measured(
            "days_missing_inside",
            "select max(date) - min(date) + 1 - count(*) from {table}",
            0,
            0,
            why="a market that never closes has a total every day; a missing one costs two returns",
        ),
        measured(
            "providers",
            "select count(distinct provider) from {table}",
            0,
            1,
            why="two providers in one series make a jump that no market made",
            severity="critical",
        ),
    ),
)
