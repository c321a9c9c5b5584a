"""The Dagster UI in a real browser: the graph is drawn, an asset is materialised by a click, its checks are green.

Needs a Chromium of the system; never part of CI, where no browser is installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import requests
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLateError

from ingestion.night import Night
from ingestion.sandbox.generator import SMALL, generate
from ingestion.settings import Home
from orchestration.market import claim, describe
from orchestration.raw_assets import collect

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("CI" in os.environ, reason="browser tests are not part of CI"),
    pytest.mark.skipif(not BROWSER, reason="no Chromium is installed"),
]
NIGHT = Night.parse("2026-01-16")
TABLE = "stg_yahoo__equity_bars"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that has collected Yahoo's bars and built nothing from them."""
    folder = tmp_path_factory.mktemp("ui")
    generate(folder / "market", size=replace(SMALL, filler_coins=0, perpetuals=5, ratio_days=3, tokens=7))
    home = Home(home=folder / "home")
    claim(home, describe(folder / "market"))
    collect(home, [NIGHT], {("yahoo", "chart")}, is_window=False)
    return home


@pytest.fixture(scope="module")
def address(home: Home) -> Iterator[str]:
    """The UI as `rotation ui` serves it, until its foreground process gets Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = "from orchestration.cli import main; main()"
    command = [sys.executable, "-c", program, "ui", "--home", str(home.home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(url), "the UI does not answer")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert not _answers(url)


def test_an_asset_is_materialised_by_a_click_and_its_checks_are_green(home: Home, address: str, tmp_path: Path) -> None:
    with sync_playwright() as driver:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = driver.chromium.launch(executable_path=BROWSER, args=quiet)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(120_000)
        _wait(lambda: _are_shown(page, f"{address}/asset-groups", tmp_path), "the page lacks a layer")
        page.goto(f"{address}/assets/staging/{TABLE}")
        page.get_by_role("button", name="Materialize").first.click()
        # The bars were collected by another process: Dagster asks whether it may go on without having seen them.
        page.get_by_role("button", name="Confirm").click()
        _wait(lambda: _is_built(home), "the run did not build the table")
        page.goto(f"{address}/assets/staging/{TABLE}?view=checks")
        page.get_by_text("Succeeded").first.wait_for()
        page.screenshot(path=str(tmp_path / "checks.png"))
        assert page.get_by_text("Failed", exact=True).count() == 0
        browser.close()


def _are_shown(page: Page, url: str, tmp_path: Path) -> bool:
    """Whether the page has all layers; one that was opened too early is opened again, as a person would."""
    page.goto(url)
    try:
        for layer in ("raw", "staging", "intermediate", "marts", "published"):
            page.get_by_text(layer, exact=True).first.wait_for(timeout=30_000)
    except TooLateError:
        page.screenshot(path=str(tmp_path / "layers.png"))
        return False
    return True


def _is_built(home: Home) -> bool:
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            rows = connection.sql(f"select count(*) from staging.{TABLE}").fetchall()
    except (duckdb.IOException, duckdb.CatalogException):  # the run holds the file, or has not come to it yet
        return False
    return bool(rows[0][0] > 0)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/server_info", timeout=10).ok
    except requests.RequestException:
        return False


def _wait(holds: Callable[[], bool], failure: str, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, failure
        time.sleep(1)
