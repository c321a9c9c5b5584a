"""Ratios by the hour; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite("staging", "stg_okx__ratios", TouchedBy("okx_ratios", column="labelled_at", raw_column="timestamp"), ())
