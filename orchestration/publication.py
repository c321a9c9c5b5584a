"""The last two assets of a night: the published file, and the report that is drawn from it.

Belongs here: what Dagster shows of them, and what the command line shares with it. Promotion belongs to publishing/,
drawing to reporting/.
"""

from collections.abc import Sequence

import dagster as dg

from ingestion.settings import Home, Retention
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.layers import OWNERS
from orchestration.market import LIVE, market_of
from orchestration.nights import Vintage, newest_vintage
from orchestration.publishing.promote import Grain, Publication, publish, roll_back
from orchestration.reporting.publications import write_publications
from orchestration.reporting.report import write_report
from orchestration.run_lock import WRITER
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites import suites_of


def publish_home(home: Home, vintage: Vintage, run_id: str, *, again: bool = False) -> Publication:
    """Publish the marts of a home under its lock, then draw the page of what each publication changed."""
    with writer_lock(home.home, "publishing"):
        published = publish(
            home.warehouse,
            home.published,
            night=vintage.night.day,
            as_of=vintage.as_of,
            run_id=run_id,
            market=(market_of(home) or LIVE).as_json(),
            grains=grains(),
            keep=Retention().versions,
            again=again,
        )
    write_publications(home.published, home.docs / "publications.html", (market_of(home) or LIVE).label)
    return published


def roll_back_home(home: Home, version: int | None, run_id: str) -> Publication:
    """Go back to a kept publication of a home."""
    with writer_lock(home.home, "rolling back"):
        published = roll_back(home.published, version, run_id=run_id, grains=grains(), keep=Retention().versions)
    write_publications(home.published, home.docs / "publications.html", (market_of(home) or LIVE).label)
    return published


def grains() -> dict[str, Grain]:
    """By which key two publications of a mart are compared: the key its suite declares."""
    return {
        suite.table: Grain(suite.key, suite.slice.ignoring if isinstance(suite.slice, ChangedDays) else ())
        for suite in suites_of("marts")
    }


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
        required_resource_keys={WRITER},
    )
    def rotation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        home = Home()
        progress.say("publishing")
        published = publish_home(home, newest_vintage(home), context.run_id)
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(str(published.path)),
                "manifest": dg.MetadataValue.path(str(published.manifest)),
                "publication": published.publication_id,
                "changed": published.changed,
                **({"taken_back_by_a_rollback": published.withheld} if published.withheld else {}),
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
    required_resource_keys={WRITER},
)
def report() -> dg.MaterializeResult[None]:
    """Draw the page from the published file alone."""
    home = Home()
    progress.say("drawing the report")
    path = write_report(home.published, home.docs / "report.html", (market_of(home) or LIVE).label)
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(path))})
