"""Bars of what Yahoo and Cboe left out.

They may be old: they are asked for where there is a gap and not every night.
"""

from __future__ import annotations

from ingestion.sources.nasdaq.models import BARS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_bar_rules

SUITE = raw_suite(BARS, *raw_bar_rules())
