"""The altcoins as a whole against their past."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_altcoin_bias",
    ChangedDays("date"),
    (never("nothing_without_reason", "bias_z is null and coalesce(reason, '') = ''", why="a null says why"),),
)
