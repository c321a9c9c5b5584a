"""The event study as computed; the mart keeps it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole
from orchestration.validation.suites.shared import event_study_rules

SUITE = suite("intermediate", "int_signal_event_study", Whole(), event_study_rules())
