"""Which coin a contract stands for, and when."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "intermediate",
    "int_token_identity",
    Whole(),
    (never("ends_before_it_begins", "valid_to <= valid_from", why="a validity has a length"),),
)
