"""OTHERS against Bitcoin before anything is read from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_others_btc",
    ChangedDays("date"),
    (never("nothing_without_reason", "ratio is null and coalesce(reason, '') = ''", why="a null says why"),),
)
