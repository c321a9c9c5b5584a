"""The event study as computed; the mart keeps it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import Whole

SUITE = passed_on("int_signal_event_study", Whole(), to="signal_event_study")
