"""What became of every forecast?"""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, between, never, one_of

SUITE = Suite(
    "marts",
    "forecast_ledger",
    key=("forecast_id",),
    slice=Whole(),
    expectations=(
        one_of("asset", "total_cap", "total_ex_btc", "others_btc", "^RUT", why="what levels are known of"),
        one_of("status", "unscorable", "open", "came_true", "failed", why="what can become of a forecast"),
        between("base_rate", 0, 1, why="a share"),
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
