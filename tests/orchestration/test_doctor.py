"""The doctor finds what is wrong, says what to do, and touches nothing."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ingestion.exchange import Exchange, Outcome, Request
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse.lock import writer_lock
from orchestration import doctor
from orchestration.doctor import Finding, clock, examine, must_be_fixed, reachability
from orchestration.market import LIVE, Kind, Market, claim

AT = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(home=tmp_path / "home")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 451 if self.path.startswith("/fapi") else 200
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def answering(server_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ProviderUrls.model_fields:
        monkeypatch.setenv(f"ROTATION_{name.upper()}", server_url)
    return server_url


def named(findings: list[Finding], subject: str) -> Finding:
    (found,) = (each for each in findings if each.subject == subject)
    return found


@pytest.mark.usefixtures("answering")
def test_a_fresh_home_with_providers_that_answer_needs_nothing(home: Home) -> None:
    findings = examine(home)
    assert [each for each in findings if each.verdict == "fix"] == []
    assert named(findings, "clock").verdict == "ok"
    assert named(findings, "market").found.startswith("none yet")
    assert not home.warehouse.exists()


@pytest.mark.usefixtures("answering")
def test_a_provider_that_refuses_this_network_is_told_with_who_takes_its_place(home: Home) -> None:
    found = named(examine(home), "binance_futures")
    assert found.verdict == "note"
    assert "HTTP 451" in found.found
    assert "in its place" in found.found


def test_a_provider_that_cannot_be_reached_must_be_fixed(
    home: Home, answering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answering
    monkeypatch.setenv("ROTATION_YAHOO_URL", "http://127.0.0.1:9")
    findings = examine(home)
    assert named(findings, "yahoo").verdict == "fix"
    assert "ROTATION_YAHOO_URL" in named(findings, "yahoo").remedy
    assert must_be_fixed(findings)


@pytest.mark.parametrize(
    ("variable", "value", "subject", "said"),
    [
        ("ROTATION_YAHOO_URL", "not an address", "ROTATION_YAHOO_URL", "not an address"),
        ("ROTATION_YAHOO_PER_SECOND", "fast", "settings", "ROTATION_YAHOO_PER_SECOND"),
        ("ROTATION_ETHEREUM_MAX_BLOCKS", "1", "settings", "ROTATION_ETHEREUM_MAX_BLOCKS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    variable: str, value: str, subject: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    found = named(list(doctor.settings()), subject)
    assert found.verdict == "fix"
    assert said in found.found


def test_a_full_disk_is_found_before_the_night(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    assert named(list(doctor.places(home)), "disk").verdict == "fix"


def test_a_home_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (found,) = doctor.places(Home(home=tmp_path / "file"))
    assert found.verdict == "fix"


def test_who_writes_is_named_and_is_no_fault(home: Home) -> None:
    home.prepare()
    program = (
        "import sys, pathlib\nfrom ingestion.settings import Home\nfrom orchestration.doctor import warehouse\n"
        "print([f.found for f in warehouse(Home(home=pathlib.Path(sys.argv[1]))) if f.subject == 'writer'])"
    )
    with writer_lock(home.home, "backfilling"):
        said = subprocess.run(
            [sys.executable, "-c", program, str(home.home)], capture_output=True, text=True, check=True
        )
    assert f"in use by backfilling (process {os.getpid()} on {platform.node()}, since " in said.stdout


def test_a_damaged_warehouse_and_a_market_that_is_gone_must_be_fixed(home: Home, tmp_path: Path) -> None:
    claim(home, Market(Kind.RECORDED, "gone", tmp_path / "gone"))
    home.warehouse.write_bytes(b"no database" * 1000)
    findings = examine(home)
    assert named(findings, "warehouse").verdict == "fix"
    assert "replay" in named(findings, "warehouse").remedy
    assert named(findings, "market").verdict == "fix"
    assert named(findings, "providers").verdict == "note"  # a sandbox home asks nobody


def test_a_mark_that_cannot_be_read_is_a_finding(home: Home) -> None:
    claim(home, LIVE)
    (home.home / "market.json").write_text("{")
    assert named(list(doctor.warehouse(home)), "market").verdict == "fix"


@pytest.mark.parametrize(("seconds", "verdict"), [(0, "ok"), (90, "ok"), (-90, "ok"), (130, "fix"), (-7200, "fix")])
def test_a_clock_that_is_wrong_by_minutes_must_be_set(seconds: int, verdict: str) -> None:
    date = (AT - timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    exchange = Exchange(Request("doctor", ""), Outcome.OK, AT, 200, {"date": date})
    assert clock({"yahoo": exchange}).verdict == verdict


def test_no_word_about_the_time_is_no_verdict_about_the_clock() -> None:
    broken = Exchange(Request("doctor", ""), Outcome.OK, AT, 200, {"date": "soon"})
    silent = Exchange(Request("doctor", ""), Outcome.UNREACHABLE, AT)
    assert clock({"yahoo": broken, "fred": silent}).verdict == "note"


def test_an_answer_that_is_no_success_is_still_an_answer() -> None:
    exchange = Exchange(Request("doctor", ""), Outcome.RATE_LIMITED, AT, 429, error="HTTP 429: asked too often")
    (found,) = reachability({"coingecko": exchange})
    assert (found.verdict, found.found) == ("note", "it answers, but rate limited: HTTP 429: asked too often")


def test_the_command_says_what_to_do_and_ends_with_1(tmp_path: Path) -> None:
    environment = os.environ | {f"ROTATION_{name.upper()}": "http://127.0.0.1:9" for name in ProviderUrls.model_fields}
    program = "from orchestration.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", program, "doctor", "--home", str(tmp_path)],
        env=environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "check network, proxy and ROTATION_YAHOO_URL" in said.stdout
