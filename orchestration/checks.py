"""One check result in Dagster's log.

Belongs here: how a result is written down. What was judged belongs to validation/ and to dbt.
"""

from __future__ import annotations

from functools import lru_cache

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.execution.context.system import StepExecutionContext


class CheckResult(dg.AssetCheckResult):
    """A result that asks for the materialisation it judged once a table: Dagster's own asks once a rule, 1,500 times a
    night, and of a table without partitions finds none in a run for one."""

    def to_asset_check_evaluation(self, step_context: StepExecutionContext) -> dg.AssetCheckEvaluation:
        if self.asset_key is None or self.check_name is None:
            raise ValueError("a check result of a layer names its table and its rule")
        spec = step_context.job_def.asset_layer.asset_graph.get_check_spec(
            dg.AssetCheckKey(self.asset_key, self.check_name)
        )
        return dg.AssetCheckEvaluation(
            asset_key=self.asset_key,
            check_name=self.check_name,
            passed=self.passed,
            metadata=self.metadata,
            target_materialization_data=_newest_materialization(step_context, self.asset_key),
            severity=self.severity,
            description=self.description,
            blocking=spec.blocking,
        )


@lru_cache(maxsize=256)
def _newest_materialization(
    step: StepExecutionContext, asset: dg.AssetKey
) -> AssetCheckEvaluationTargetMaterializationData | None:
    is_partitioned = step.job_def.asset_layer.asset_graph.get(asset).is_partitioned
    partitions = [step.partition_key] if is_partitioned and step.has_partition_key else None
    found = step.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=asset, asset_partitions=partitions), limit=1
    ).records
    if not found:
        return None
    return AssetCheckEvaluationTargetMaterializationData(
        run_id=found[0].run_id, storage_id=found[0].storage_id, timestamp=found[0].timestamp
    )
