"""A night that fails with nobody watching reaches a webhook once, and the webhook decides nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

from ingestion.errors import HomeBusyError
from ingestion.night import Night
from ingestion.settings import Home
from orchestration.alerts import BY_COMMAND, alert, failure_sensor
from orchestration.run import run_night

NIGHT = Night.parse("2026-01-16")
HOLD = """
import pathlib, sys, time
from ingestion.warehouse.lock import writer_lock
with writer_lock(pathlib.Path(sys.argv[1]), "another night"):
    print("held", flush=True)
    time.sleep(600)
"""


class Webhook(BaseHTTPRequestHandler):
    heard: list[str]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(json.loads(body)["text"])
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Webhook]]:
    handler = type("Handler", (Webhook,), {"heard": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ROTATION_ALERT_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/secret-path")
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Home]:
    """A home that another process holds."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    yield Home(home=tmp_path)
    holder.kill()
    holder.communicate()


def test_a_night_of_the_command_line_that_fails_is_told_with_its_reason(webhook: type[Webhook], busy: Home) -> None:
    with pytest.raises(HomeBusyError):
        run_night(busy, NIGHT)
    (told,) = webhook.heard
    assert told.startswith(
        f"Rotation: the night of 2026-01-16 failed in {busy.home}: the home {busy.home} is in use by "
    )


def test_a_webhook_that_refuses_or_is_away_changes_nothing_and_its_address_is_not_repeated(
    webhook: type[Webhook], busy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.status = 500
    assert alert("text") == "the alert was not delivered: HTTP 500; check ROTATION_ALERT_WEBHOOK_URL"
    for address in ("http://127.0.0.1:9/secret-path", "no address, secret-path"):
        monkeypatch.setenv("ROTATION_ALERT_WEBHOOK_URL", address)
        told = alert("text")
        assert told is not None
        assert "secret-path" not in told
        with pytest.raises(HomeBusyError):
            run_night(busy, NIGHT)


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_webhook_nothing_is_sent(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROTATION_ALERT_WEBHOOK_URL", raising=False)
    if address is not None:
        monkeypatch.setenv("ROTATION_ALERT_WEBHOOK_URL", address)
    assert alert("text") is None


@pytest.mark.parametrize("by_command", [False, True])
def test_a_run_of_the_scheduler_that_fails_is_told_and_one_of_the_command_is_not_told_twice(
    webhook: type[Webhook], by_command: bool
) -> None:
    @dg.asset
    def broken() -> None:
        raise ValueError("no such market")

    job = dg.define_asset_job("nightly", [broken])
    tags = {"dagster/partition": "2026-01-16"} | ({BY_COMMAND: "true"} if by_command else {})
    with dg.DagsterInstance.ephemeral() as instance:
        resolved = dg.Definitions(assets=[broken], jobs=[job]).resolve_job_def("nightly")
        ended = resolved.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        (failure,) = [event for event in ended.all_events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context("alert", failure, instance, ended.dagster_run)
        failure_sensor(job)(context.for_run_failure())
    assert len(webhook.heard) == (0 if by_command else 1)
    if not by_command:
        assert webhook.heard[0].startswith("Rotation: the night of 2026-01-16 failed: ")
        assert f"(run {ended.run_id})" in webhook.heard[0]
