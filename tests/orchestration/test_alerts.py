"""A night that fails with nobody watching reaches a webhook once, and the webhook decides nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest

from ingestion.settings import Home
from orchestration.alerts import BY_COMMAND, alert, failure_sensor, told_when_it_fails
from orchestration.run_lock import end_dead_runs

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
        if self.status == 301:
            self.send_header("Location", "/elsewhere")
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


def refresh(home: Home) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh", "--date", "2026-01-16"],
        cwd=home.home,
        env=os.environ | {"ROTATION_HOME": str(home.home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_night_of_the_command_line_that_fails_is_told_with_its_reason(webhook: type[Webhook], busy: Home) -> None:
    assert refresh(busy).returncode == 1
    (told,) = webhook.heard
    assert told.startswith(
        f"Rotation: the night of 2026-01-16 in {busy.home} failed: the home {busy.home} is in use by another night "
    )


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("no\nsuch  market")])
def test_whatever_fails_is_told_in_one_line(webhook: type[Webhook], error: Exception) -> None:
    with pytest.raises(type(error)), told_when_it_fails("the night"):
        raise error
    assert webhook.heard == [f"Rotation: the night failed: {' '.join(str(error).split())}"]


def test_who_stops_a_night_is_not_told_of_it(webhook: type[Webhook]) -> None:
    with pytest.raises(KeyboardInterrupt), told_when_it_fails("the night"):
        raise KeyboardInterrupt
    assert webhook.heard == []


@pytest.mark.parametrize("status", [301, 500])
def test_a_webhook_that_does_not_take_it_changes_nothing_and_its_address_is_not_repeated(
    webhook: type[Webhook], busy: Home, status: int
) -> None:
    webhook.status = status
    assert alert("text") == f"the alert was not delivered: HTTP {status}; check ROTATION_ALERT_WEBHOOK_URL"
    ended = refresh(busy)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert f"HTTP {status}" in said
    assert "is in use by another night" in said
    assert "secret-path" not in said


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/secret-path", "no address, secret-path"])
def test_a_webhook_that_is_away_is_named_without_its_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATION_ALERT_WEBHOOK_URL", address)
    told = alert("text")
    assert told is not None
    assert "not delivered" in told
    assert "secret-path" not in told


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_webhook_nothing_is_sent(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROTATION_ALERT_WEBHOOK_URL", raising=False)
    if address is not None:
        monkeypatch.setenv("ROTATION_ALERT_WEBHOOK_URL", address)
    assert alert("text") is None


@dg.asset
def broken() -> None:
    raise ValueError("no such market")


def test_a_run_of_the_scheduler_that_fails_is_told(webhook: type[Webhook]) -> None:
    job = dg.define_asset_job("nightly", [broken])
    with dg.DagsterInstance.ephemeral() as instance:
        resolved = dg.Definitions(assets=[broken], jobs=[job]).resolve_job_def("nightly")
        tags = {"dagster/partition": "2026-01-16"}
        ended = resolved.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        (failure,) = [event for event in ended.all_events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context("alert", failure, instance, ended.dagster_run)
        failure_sensor(context.for_run_failure())
    (told,) = webhook.heard
    assert told.startswith("Rotation: nightly of 2026-01-16 failed: ")
    assert f"(run {ended.run_id})" in told


@pytest.mark.parametrize(("tags", "heard"), [({BY_COMMAND: "true"}, 1), ({}, 0)])
def test_a_killed_command_is_told_by_what_closes_its_run_and_a_run_of_the_ui_by_the_sensor(
    webhook: type[Webhook], instance: dg.DagsterInstance, tmp_path: Path, tags: dict[str, str], heard: int
) -> None:
    job = dg.Definitions(assets=[broken]).resolve_implicit_global_asset_job_def()
    killed = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    assert end_dead_runs(Home(home=tmp_path), instance, datetime.now(UTC) + timedelta(hours=1)) == 1
    ended = instance.get_run_by_id(killed.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    assert len(webhook.heard) == heard
    assert all("failed: Its process is gone" in told for told in webhook.heard)
