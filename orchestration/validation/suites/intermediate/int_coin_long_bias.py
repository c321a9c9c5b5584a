"""The universe of the long-bias questions: one perpetual per coin, day and ratio kind."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays

SUITE = suite("intermediate", "int_coin_long_bias", ChangedDays("date"), ())
