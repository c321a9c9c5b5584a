"""What became of every forecast?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "marts",
    "forecast_ledger",
    Whole(),
    (
        never(
            "scored_without_a_horizon",
            "horizon_days is null and status <> 'unscorable'",
            why="without a horizon nothing can be wrong",
        ),
        never(
            "scored_before_it_is_due",
            "status in ('came_true', 'failed') and due_date > {night}",
            why="a forecast is judged when it is due",
        ),
        never("made_after_the_night", "made_at::date > {night}", why="a night knows no later forecast"),
        never("nothing_without_reason", "brier_score is null and coalesce(reason, '') = ''", why="a null says why"),
    ),
)
