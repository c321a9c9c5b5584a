"""Bars of dropped files. A file may be wrong throughout: all of it goes to quarantine then, and the night goes on."""

from __future__ import annotations

from ingestion.sources.inbox.models import EQUITY_BARS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_bar_rules

SUITE = raw_suite(EQUITY_BARS, *raw_bar_rules(), max_share=1.0)
