"""The sensor of the drop folder: files that have come to rest start a night that reads them.

Belongs here: when a run is asked for. Recognising and loading belong to ingestion/sources/inbox.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import dagster as dg

from ingestion.night import Night
from ingestion.settings import Home
from ingestion.sources.inbox.folder import waiting
from orchestration.market import LIVE, Kind, market_of
from orchestration.nights import newest_night

SECONDS_BETWEEN_LOOKS = 30


def inbox_sensor(job: dg.JobDefinition | dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Runs the nightly job for the home's newest night when files wait; the same files are asked for once."""

    @dg.sensor(
        name="inbox",
        job=job,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reads what is dropped into the home's inbox/: a night of the newest day, which asks only for what "
        "is missing. A file is taken ten seconds after its last change.",
    )
    def inbox(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        home = Home()
        files = waiting(home.inbox)
        if not files:
            return dg.SkipReason(f"nothing waits in {home.inbox}")
        seen = [(file.name, file.stat(follow_symlinks=False)) for file in files]
        content = repr([(name, about.st_size, about.st_mtime_ns) for name, about in seen])
        return dg.RunRequest(
            run_key=hashlib.sha256(content.encode()).hexdigest(), partition_key=_night(home).day.isoformat()
        )

    return inbox


def _night(home: Home) -> Night:
    """A live home reads files in the newest night there is, so that it goes on; another one in its own last night."""
    known = newest_night(home)
    if known is not None and (market_of(home) or LIVE).kind is not Kind.LIVE:
        return known
    return Night.latest(datetime.now(UTC))
