"""Telling somebody that a night did not end well, for whom no one watches: one message to a webhook.

Belongs here: what is said and to whom. A webhook that does not answer decides nothing over the night, and its address
is a secret: it is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import requests

from ingestion.settings import Alerts

# On a run that a command started: no sensor of Dagster's ever sees it, so the command tells of a failure itself.
BY_COMMAND = "rotation/started_by_command"
_PATIENCE_SECONDS = 10
_TAKEN = 2  # hundreds of an HTTP status


def alert(text: str) -> str | None:
    """Post `{"text": …}` to `ROTATION_ALERT_WEBHOOK_URL`, which Slack, Mattermost and services like them show.

    Returns why it could not be delivered; None when it was, or when no webhook is set.
    """
    url = Alerts().webhook_url
    if url is None:
        return None
    try:
        # A redirect would lose the message: the request that follows it has no body. The answer's body is not read.
        with requests.post(
            url.get_secret_value(), json={"text": text}, timeout=_PATIENCE_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except (requests.RequestException, ValueError) as error:
        return f"the alert was not delivered: {type(error).__name__}; check ROTATION_ALERT_WEBHOOK_URL"
    if status // 100 != _TAKEN:
        return f"the alert was not delivered: HTTP {status}; check ROTATION_ALERT_WEBHOOK_URL"
    return None


@contextmanager
def told_when_it_fails(what: str) -> Iterator[None]:
    """Tell of whatever ends the block but somebody who stops it, and let it go on its way.

    An error that could not be told of carries a note that says so.
    """
    try:
        yield
    except Exception as error:
        undelivered = alert(f"Rotation: {what} failed: {' '.join(str(error).split()) or type(error).__name__}")
        if undelivered:
            error.add_note(undelivered)
        raise


def purpose(run: dg.DagsterRun) -> str:
    """What a run does, and for which night where it is for one."""
    what = "materialising assets" if run.job_name.startswith("__") else run.job_name
    night = run.tags.get("dagster/partition")
    return f"{what}{f' of {night}' if night else ''}"


@dg.run_failure_sensor(
    name="alert",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Posts to ROTATION_ALERT_WEBHOOK_URL, where it is set, when a run of the scheduler or the UI fails.",
)
def failure_sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """Tells of each run that the scheduler or the UI started and that failed, also of one whose process died."""
    run = context.dagster_run
    trouble = alert(f"Rotation: {purpose(run)} failed: {context.failure_event.message} (run {run.run_id})")
    return dg.SkipReason(trouble) if trouble else None
