"""The altcoins as a whole against their past."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never, positive

SUITE = Suite(
    "intermediate",
    "int_altcoin_bias",
    key=("date",),
    slice=ChangedDays("date"),
    expectations=(
        positive("median_ratio", why="a ratio is above zero"),
        never("nothing_without_reason", "bias_z is null and coalesce(reason, '') = ''", why="a null says why"),
    ),
)
