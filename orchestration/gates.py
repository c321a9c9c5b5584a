"""The gates as Dagster asset checks: one definition per table, one check result per rule.

Belongs here: what Dagster shows of a verdict, and that a critical one stops what is downstream. What the rules are and
how they are judged belongs to validation/.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.nights import newest_vintage
from orchestration.validation.rules import ExpectationResult, Run, Severity, Suite
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import LAYERS, suites_of

_SEVERITY: dict[Severity, dg.AssetCheckSeverity] = {
    "critical": dg.AssetCheckSeverity.ERROR,
    "warning": dg.AssetCheckSeverity.WARN,
    "info": dg.AssetCheckSeverity.WARN,
}


def gates() -> list[dg.AssetChecksDefinition]:
    """One definition per table of every layer."""
    return [_gate(suite) for layer in LAYERS for suite in suites_of(layer)]


def _gate(suite: Suite) -> dg.AssetChecksDefinition:
    key = dg.AssetKey([suite.schema, suite.table])
    specs = [
        dg.AssetCheckSpec(
            rule.name,
            asset=key,
            description=rule.why,
            blocking=rule.severity == "critical",
            metadata={"severity": rule.severity, "expectation": rule.kind},
        )
        for rule in suite.rules
    ]

    @dg.multi_asset_check(name=f"gate_{suite.schema}_{suite.table}", specs=specs, pool="warehouse")
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        home = Home()
        run = Run(context.run.run_id, newest_vintage(home).night.day, datetime.now(UTC))
        progress.say(f"checking {suite.schema}")
        with writer_lock(home.home, f"checking {suite.full_name}"):
            (found,) = validate_layer(home.warehouse, [suite], run)
        for result in found.results:
            yield _shown(key, result)

    return gate


def _shown(key: dg.AssetKey, result: ExpectationResult) -> dg.AssetCheckResult:
    metadata: dict[str, dg.MetadataValue] = {
        "status": dg.MetadataValue.text(result.status),
        "evaluated_rows": dg.MetadataValue.int(result.evaluated_rows),
    }
    if result.unexpected_count is not None:
        metadata["refused_rows"] = dg.MetadataValue.int(result.unexpected_count)
    if result.observed is not None:
        metadata["observed"] = dg.MetadataValue.text(result.observed)
    if result.quarantined:
        metadata["quarantined_rows"] = dg.MetadataValue.int(result.quarantined)
    if result.sample_keys:
        metadata["first_refused_keys"] = dg.MetadataValue.json([dict(key) for key in result.sample_keys])
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=result.name,
        passed=result.status == "passed",
        severity=_SEVERITY[result.severity],
        description=result.message or None,
        metadata=metadata,
    )
