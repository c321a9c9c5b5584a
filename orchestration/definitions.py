"""Everything Dagster knows: assets by layer, gates between them, the nightly job and its schedule.

Belongs here: putting the parts together. The Dagster UI loads this module through workspace.yaml.
"""

from __future__ import annotations

import dagster as dg

from ingestion.night import NIGHT_HOUR
from ingestion.settings import Home
from orchestration.alerts import failure_sensor
from orchestration.data_docs import data_docs
from orchestration.gates import gates
from orchestration.inbox import inbox_sensor
from orchestration.layers import LAYERS, layer_assets, mart_keys
from orchestration.market import Kind, market_of
from orchestration.publication import publication, report
from orchestration.raw_assets import ingest
from orchestration.retention import retention_sensor
from orchestration.run_lock import WRITER, dead_runs_sensor, writer
from orchestration.transform import Dbt


def _is_live(home: Home) -> bool:
    market = market_of(home)
    return market is not None and market.kind is Kind.LIVE


_home = Home()
_manifest = Dbt(_home).manifest()

nightly_refresh = dg.define_asset_job(
    "nightly_refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(data_docs),
    description="One night from the providers to the published file: ingest, dbt layer by layer with gates, publish.",
    executor_def=dg.in_process_executor,
)

data_docs_job = dg.define_asset_job(
    "data_docs",
    selection=dg.AssetSelection.assets(data_docs),
    description="Great Expectations' Data Docs of the newest night, into docs/ of the home.",
    executor_def=dg.in_process_executor,
)

schedule = dg.build_schedule_from_partitioned_job(
    nightly_refresh,
    name="nightly_refresh_schedule",
    hour_of_day=NIGHT_HOUR.hour,
    minute_of_hour=NIGHT_HOUR.minute,
    description=(
        "10:30 UTC, for the UTC day before: the Binance archive publishes a day at about 10:00 UTC of the next one "
        "and is the last provider to do so; US equities have been closed for more than 12 hours by then."
    ),
    # A sandbox home has no tomorrow: only a home of live data runs by itself.
    default_status=dg.DefaultScheduleStatus.RUNNING if _is_live(_home) else dg.DefaultScheduleStatus.STOPPED,
)

defs = dg.Definitions(
    assets=[
        ingest,
        *(layer_assets(_manifest, layer) for layer in LAYERS),
        publication(mart_keys(_manifest)),
        report,
        data_docs,
    ],
    asset_checks=gates(),
    jobs=[nightly_refresh, data_docs_job],
    schedules=[schedule],
    resources={WRITER: writer},
    sensors=[
        failure_sensor,
        inbox_sensor(nightly_refresh),
        retention_sensor(nightly_refresh),
        dead_runs_sensor(),
    ],
    executor=dg.in_process_executor,
)
