"""Glassnode's flows of tokens at an exchange as known at the time."""

from __future__ import annotations

from ingestion.sources.glassnode.models import EXCHANGE_FLOWS_PIT, METRICS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = raw_suite(
    EXCHANGE_FLOWS_PIT,
    *vendor_flow_rules(*METRICS),
    never(
        "value_was_restated",
        "exists (select 1 from {table} as earlier where earlier._batch_id < {slice}._batch_id "
        "and (earlier.asset, earlier.exchange, earlier.metric, earlier.date) "
        "= ({slice}.asset, {slice}.exchange, {slice}.metric, {slice}.date))",
        why="a point-in-time value is promised never to change",
        severity="warning",
    ),
)
