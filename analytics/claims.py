"""What every claim's evaluation is made of: a finding, the family its test belongs to, and the table of a night.

Belongs here: the shape that all claims share. What the data say about a claim is said in its own module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Literal

import numpy as np
import pyarrow as pa

from analytics.frames import null_for_nan
from analytics.trend_tests import holm

Verdict = Literal["supported", "not_supported", "inconclusive", "not_testable", "artefact"]
SCHEMA = pa.schema(
    [
        ("claim_id", pa.string()),
        ("evaluation_date", pa.date32()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("p_value", pa.float64()),
        ("null_value", pa.float64()),
        ("n", pa.int64()),
        ("n_eff", pa.float64()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("as_of", pa.timestamp("us", tz="UTC")),
        ("method", pa.string()),
        ("params_hash", pa.string()),
        ("family_tests", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Finding:
    """One row of the claims; None where a measure has no such number."""

    claim_id: str
    metric: str
    verdict: Verdict
    reason: str
    method: str = "none"
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    null_value: float | None = None
    n: int | None = None
    n_eff: float | None = None
    family_tests: int = 0


def family(findings: Sequence[Finding], judge: Callable[[Finding, float], Finding]) -> list[Finding]:
    """The findings of one family of tests: p adjusted by Holm, and `judge` gives each tested one its verdict."""
    adjusted = holm([np.nan if finding.p_value is None else finding.p_value for finding in findings])
    tests = sum(finding.p_value is not None for finding in findings)
    judged = [
        finding if finding.p_value is None else replace(judge(finding, float(p)), p_value=float(p))
        for finding, p in zip(findings, adjusted, strict=True)
    ]
    return [replace(finding, family_tests=tests) for finding in judged]


def claim_table(findings: Sequence[Finding], night: date, as_of: str, params: str) -> pa.Table:
    """The findings of a night as a table. `as_of` is ISO text, `params` the text whose hash the rows carry."""
    common = {
        "evaluation_date": night,
        "as_of": datetime.fromisoformat(as_of),
        "params_hash": hashlib.md5(params.encode(), usedforsecurity=False).hexdigest(),
    }
    return null_for_nan(pa.Table.from_pylist([{**asdict(finding), **common} for finding in findings], SCHEMA))
