"""Asset metrics of dropped files; a wrong file is set aside as a whole."""

from __future__ import annotations

from ingestion.sources.inbox.models import ASSET_METRICS
from orchestration.validation.dictionary import raw_suite

SUITE = raw_suite(ASSET_METRICS, max_share=1.0)
