"""Closes of different providers for the same session."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_equity_close_agreement",
    ChangedDays("session_date"),
    (
        never("provider_checks_itself", "provider = check_provider", why="only another provider is a check"),
        never(
            "closes_disagree",
            "not agrees",
            why="two providers say the same of a close: if not, one has restated it or lies",
            severity="warning",
        ),
    ),
)
