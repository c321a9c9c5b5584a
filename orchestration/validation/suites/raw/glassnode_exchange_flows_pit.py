"""Glassnode's flows of tokens at an exchange as known at the time."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, never
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = Suite(
    "raw",
    "glassnode_exchange_flows_pit",
    key=("asset", "exchange", "metric", "date"),
    slice=NewBatches(),
    expectations=(
        *vendor_flow_rules("netflow", "inflow", "outflow"),
        never(
            "value_was_restated",
            "exists (select 1 from {table} as earlier where earlier._batch_id < {slice}._batch_id "
            "and (earlier.asset, earlier.exchange, earlier.metric, earlier.date) "
            "= ({slice}.asset, {slice}.exchange, {slice}.metric, {slice}.date))",
            why="a point-in-time value is promised never to change",
            severity="warning",
        ),
    ),
)
