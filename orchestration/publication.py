"""The last two assets of a night: the published file, and the report that is drawn from it.

Belongs here: what Dagster shows of them. Promotion belongs to publishing/, drawing to reporting/.
"""

from collections.abc import Sequence

import dagster as dg

from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.layers import OWNERS
from orchestration.market import LIVE, market_of
from orchestration.nights import newest_vintage
from orchestration.publishing.promote import publish
from orchestration.reporting.report import write_report


def publication(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published file, after all marts and their gates."""

    @dg.asset(
        key=["published", "rotation"],
        group_name="published",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        deps=marts,
        description="The audited marts as one DuckDB file, replaced whole; BI tools can always open it.",
        pool="warehouse",
    )
    def rotation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        home = Home()
        vintage = newest_vintage(home)
        progress.say("publishing")
        with writer_lock(home.home, "publishing"):
            published = publish(
                home.warehouse,
                home.published,
                night=vintage.night.day,
                as_of=vintage.as_of,
                run_id=context.run_id,
                market=(market_of(home) or LIVE).as_json(),
            )
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(published.path)),
                "manifest": dg.MetadataValue.path(str(published.manifest)),
                "changed": published.changed,
                "rows": published.rows,
                "sha256": published.sha256,
            }
        )

    return rotation


@dg.asset(
    key=["published", "report"],
    group_name="published",
    kinds={"html"},
    owners=OWNERS,
    deps=[dg.AssetKey(["published", "rotation"])],
    description="One page for a reader: the claims, their verdicts and the figures behind them.",
)
def report() -> dg.MaterializeResult[None]:
    """Draw the page from the published file alone."""
    home = Home()
    progress.say("drawing the report")
    path = write_report(home.published, home.docs / "report.html", (market_of(home) or LIVE).label)
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(path))})
