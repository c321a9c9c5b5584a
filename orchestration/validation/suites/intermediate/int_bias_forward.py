"""What follows the long bias."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_bias_forward",
    ChangedDays("date"),
    (never("negative_volatility", "outcome = 'volatility' and base < 0", why="a spread is not negative"),),
)
