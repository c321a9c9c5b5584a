"""Which version of each list of labelled wallets was read when."""

from __future__ import annotations

from ingestion.sources.registry.models import VERSIONS
from orchestration.validation.dictionary import raw_suite

SUITE = raw_suite(
    VERSIONS,
)
