"""OTHERS against Bitcoin before anything is read from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never

SUITE = suite(
    "intermediate",
    "int_others_btc",
    ChangedDays("date"),
    (
        never("nothing_without_reason", "ratio is null and coalesce(reason, '') = ''", why="a null says why"),
        measured(
            "largest_share_of_all_without_the_ten",
            """
            select max(others.others_value_usd / total.others_cap_usd)
            from {slice} as others
            join staging.stg_coinmarketcap__total_cap as total using (date)
            where others.membership = 'daily_ranks'""",
            0,
            1.1,
            why="ranks 11 to 125 are a part of what all coins but the ten largest are worth; a tenth may lie between "
            "providers. Only where CoinMarketCap is on and names all ten",
        ),
    ),
)
