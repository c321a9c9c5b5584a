"""What is written by hand, by layer: which part of it can be about a rule of which table."""

from __future__ import annotations

from collections.abc import Mapping

from tests.corruption.deliveries import FUTURE, MANY, RAW, STAGING, UNITS
from tests.corruption.entry import Spoil
from tests.corruption.models import CLAIMS, INTERVALS, MARTS, MODELS

__all__ = ["BY_LAYER", "MANY"]

BY_LAYER: Mapping[str, Mapping[str, Spoil]] = {
    "raw": {**RAW, **FUTURE, **UNITS},
    "staging": STAGING,
    "intermediate": {**MARTS, **MODELS, **CLAIMS, **INTERVALS},
    "marts": {**MODELS, **CLAIMS, **MARTS, **INTERVALS},
}
