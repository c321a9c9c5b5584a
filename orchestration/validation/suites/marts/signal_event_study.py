"""What follows a signal?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import event_study_rules

SUITE = suite("marts", "signal_event_study", ChangedDays("evaluation_date"), event_study_rules())
