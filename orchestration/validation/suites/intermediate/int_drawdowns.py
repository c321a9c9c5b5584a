"""Shares and quantiles of drawdowns by tier; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_drawdowns", ChangedDays("date"), to="drawdowns")
