"""Great Expectations' Data Docs as an asset that somebody asks for: no night builds them.

Belongs here: what Dagster shows of them, and what the command line shares with it. The pages belong to reporting/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import duckdb

from ingestion.errors import RotationError
from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from orchestration.layers import OWNERS
from orchestration.market import LIVE, market_of
from orchestration.reporting.validations import PAGE, write_validations
from orchestration.run_lock import WRITER

if TYPE_CHECKING:
    from orchestration.reporting.data_docs import Site


def build_data_docs(home: Home) -> Site:
    """Build the Data Docs of a home's newest night, and the page of the last nights, which then links to them."""
    from orchestration.reporting.data_docs import write_data_docs  # noqa: PLC0415 - Great Expectations takes seconds

    if not home.warehouse.exists():
        raise RotationError(f"no night has been judged in {home.home}: run one first")
    market = (market_of(home) or LIVE).label
    # The warehouse admits no reader beside a writer: the lock names who has it.
    with writer_lock(home.home, "building the data docs"), duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        site = write_data_docs(connection, home.docs, market)
        write_validations(connection, home.docs / PAGE, market)
    return site


@dg.asset(
    key=["published", "data_docs"],
    group_name="published",
    kinds={"html"},
    owners=OWNERS,
    deps=[dg.AssetKey(["published", "rotation"])],
    description="Great Expectations' Data Docs of the newest night: every suite and what became of each of its rules. "
    "Built when somebody asks for it, not by the night.",
    pool="warehouse",
    required_resource_keys={WRITER},
)
def data_docs() -> dg.MaterializeResult[None]:
    """Build the site from what the gates wrote down."""
    site = build_data_docs(Home())
    return dg.MaterializeResult(
        metadata={
            "index": dg.MetadataValue.path(str(site.index)),
            "night": site.night.isoformat(),
            "tables": site.tables,
            "bytes": site.size,
            "rules_left_out": list(site.left_out),
        }
    )
