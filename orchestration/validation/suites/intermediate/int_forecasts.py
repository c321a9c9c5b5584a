"""Forecasts before they are judged."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole

SUITE = suite("intermediate", "int_forecasts", Whole(), ())
