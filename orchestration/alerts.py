"""Telling somebody that a night did not end well, for whom no one watches: one message to a webhook.

Belongs here: what is said and to whom. A webhook that does not answer decides nothing over the night, and its address
is a secret: it is never repeated.
"""

from __future__ import annotations

import dagster as dg
import requests

from ingestion.settings import Alerts

# On a run that the command line started: it tells of a failure itself.
BY_COMMAND = "rotation/started_by_command"
_PATIENCE_SECONDS = 10


def alert(text: str) -> str | None:
    """Post `{"text": …}` to `ROTATION_ALERT_WEBHOOK_URL`, which Slack, Mattermost and Teams-like services show.

    Returns why it could not be delivered; None when it was, or when no webhook is set.
    """
    url = Alerts().webhook_url
    if url is None:
        return None
    try:
        answer = requests.post(url.get_secret_value(), json={"text": text}, timeout=_PATIENCE_SECONDS)
    except (requests.RequestException, ValueError) as error:
        return f"the alert was not delivered: {type(error).__name__}; check ROTATION_ALERT_WEBHOOK_URL"
    if not answer.ok:
        return f"the alert was not delivered: HTTP {answer.status_code}; check ROTATION_ALERT_WEBHOOK_URL"
    return None


def failure_sensor(job: dg.JobDefinition | dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Tells of each night that the scheduler or the UI ran and that failed, also of one whose process died."""

    @dg.run_failure_sensor(
        name="alert",
        monitored_jobs=[job],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts to ROTATION_ALERT_WEBHOOK_URL, where it is set, when a night fails.",
    )
    def tell(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        run = context.dagster_run
        if BY_COMMAND in run.tags:
            return dg.SkipReason("the command that started it tells of it")
        night = run.tags.get("dagster/partition", "?")
        trouble = alert(f"Rotation: the night of {night} failed: {context.failure_event.message} (run {run.run_id})")
        return dg.SkipReason(trouble) if trouble else None

    return tell
