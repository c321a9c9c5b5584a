"""The gates as Dagster asset checks: one definition per layer, one check result per rule.

Belongs here: what Dagster shows of a verdict, and that a critical one stops what is downstream. What the rules are and
how they are judged belongs to validation/, the page of the last nights to reporting/.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from ingestion.warehouse.transactions import one_line_errors
from orchestration import progress
from orchestration.checks import CheckResult
from orchestration.market import LIVE, market_of
from orchestration.nights import newest_vintage
from orchestration.publishing.files import one_line
from orchestration.reporting.validations import PAGE, write_validations
from orchestration.run_lock import WRITER
from orchestration.validation import quarantine
from orchestration.validation.rules import Expectation, ExpectationResult, Run, Severity, Suite
from orchestration.validation.runner import validate
from orchestration.validation.suites import LAYERS, suites_of

_SEVERITY: dict[Severity, dg.AssetCheckSeverity] = {
    "critical": dg.AssetCheckSeverity.ERROR,
    "warning": dg.AssetCheckSeverity.WARN,
    "info": dg.AssetCheckSeverity.WARN,
}


def gates() -> list[dg.AssetChecksDefinition]:
    """One definition per layer; the checks of single tables can be run from the UI."""
    return [_gate(layer) for layer in LAYERS]


def _gate(layer: str) -> dg.AssetChecksDefinition:
    suites = {_key(suite): suite for suite in suites_of(layer)}
    specs = [_spec(key, rule) for key, suite in suites.items() for rule in suite.rules]

    @dg.multi_asset_check(
        name=f"gate_{layer}", specs=specs, can_subset=True, pool="warehouse", required_resource_keys={WRITER}
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        home = Home()
        run = Run(context.run.run_id, newest_vintage(home).night.day, datetime.now(UTC))
        selected = context.selected_asset_check_keys
        chosen = [suite for key, suite in suites.items() if any(check.asset_key == key for check in selected)]
        with writer_lock(home.home, f"checking {layer}"), one_line_errors(home.warehouse):
            if layer == "raw":
                _apply_decisions(home)
            # One connection for the layer: opening and closing the file costs as much as judging a small table.
            with duckdb.connect(str(home.warehouse)) as connection:
                ends = layer == LAYERS[-1]
                for done, suite in enumerate(chosen):
                    progress.say(f"checking {layer}", done, len(chosen))
                    judged = validate(connection, suite, run)
                    ends |= judged.blocked
                    yield from (
                        _shown(_key(suite), result)
                        for result in judged.results
                        if dg.AssetCheckKey(_key(suite), result.name) in selected
                    )
                if layer == "raw":
                    quarantine.count(connection)
                if ends:  # whatever the night does from here on, no gate has more to say of it
                    _write_page(context, connection, home)
        progress.say(f"checking {layer}", len(chosen), len(chosen))

    return gate


def _apply_decisions(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        quarantine.apply(connection, home)


def _write_page(context: dg.AssetCheckExecutionContext, connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """The page only tells of the verdicts: whatever keeps it from being written decides nothing over the night."""
    page = home.docs / PAGE
    try:
        write_validations(connection, page, (market_of(home) or LIVE).label)
    except Exception as error:
        context.log.warning(f"{page} is not written ({one_line(error)}); the verdicts are in the warehouse")


def _key(suite: Suite) -> dg.AssetKey:
    return dg.AssetKey([suite.schema, suite.table])


def _spec(key: dg.AssetKey, rule: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        rule.name,
        asset=key,
        description=rule.why,
        blocking=rule.severity == "critical",
        metadata={"severity": rule.severity, "expectation": rule.kind},
    )


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
    return CheckResult(
        asset_key=key,
        check_name=result.name,
        passed=result.status == "passed",
        severity=_SEVERITY[result.severity],
        description=result.message or None,
        metadata=metadata,
    )
