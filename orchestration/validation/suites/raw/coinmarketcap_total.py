"""The total market cap's history, as the website shows it."""

from __future__ import annotations

from ingestion.sources.coinmarketcap.models import TOTAL
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.history import no_future, no_unit_jump

SUITE = raw_suite(
    TOTAL,
    no_future("quoted_at"),
    no_unit_jump("total_market_cap_usd", "true", "date"),
    never(
        "altcoins_above_total",
        "altcoin_market_cap_usd > total_market_cap_usd",
        why="altcoins are a part of the total",
        quarantine=True,
    ),
)
