"""The total market cap's history, as the website shows it."""

from __future__ import annotations

from ingestion.sources.coinmarketcap.models import TOTAL
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never

SUITE = raw_suite(
    TOTAL,
    never(
        "altcoins_above_total",
        "altcoin_market_cap_usd > total_market_cap_usd",
        why="altcoins are a part of the total",
        quarantine=True,
    ),
)
