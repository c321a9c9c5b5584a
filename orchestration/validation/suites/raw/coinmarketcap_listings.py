"""The coins of past days by rank, as the website lists them. Rows are dropped there without being replaced."""

from __future__ import annotations

from ingestion.sources.coinmarketcap.models import LISTINGS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured

SUITE = raw_suite(
    LISTINGS,
    measured(
        "largest_share_of_ranks_missing",
        "select max(missing) from (select 1 - count(*) / max(cmc_rank) as missing from {slice} group by date)",
        None,
        0.1,
        why="rows are dropped without being replaced: some are usual, many make a poor day",
    ),
    measured(
        "shortest_listing_beside_the_longest",
        "select min(last) filter (date in (select date from {slice})) / max(last) "
        "from (select date, max(cmc_rank) as last from {table} group by date)",
        0.9,
        None,
        why="every day is asked for equally many; an answer that stops early looks like success",
    ),
)
