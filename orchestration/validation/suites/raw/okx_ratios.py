"""Ratios and taker volumes by the hour, for days that Binance lacks."""

from __future__ import annotations

from ingestion.sources.okx.models import RATIOS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    RATIOS,
    no_future("timestamp"),
    never(
        "stamp_off_the_hour",
        "date_trunc('hour', timestamp) <> timestamp",
        why="a row of another period would count as an hour",
        quarantine=True,
    ),
    whole_days(24, "contract", "ratio_kind"),
)
