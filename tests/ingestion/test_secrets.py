"""A secret in any key variable is sent where it belongs and found nowhere afterwards, whatever a provider repeats."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion import catalogue
from ingestion.catalogue import RAW_TABLES
from ingestion.errors import SettingsError
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls, api_key
from ingestion.warehouse import raw
from orchestration.market import claim, describe
from orchestration.raw_assets import ingest
from orchestration.run import prepare_instance
from orchestration.run_lock import WRITER, writer

NIGHT = Night(date(2026, 1, 16))
SECRETS = {row.key: f"Pl4nted/{row.provider}+{'x' * 20}==" for row in catalogue.entries() if row.key}
PATH_KEY = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"


class Echo(BaseHTTPRequestHandler):
    """Repeats what it was sent: headers and address in the body in several spellings, and in a header that is kept."""

    seen: list[str]

    def do_GET(self) -> None:
        sent = f"{self.path} {dict(self.headers)}"
        self.seen.append(sent)
        key = self.headers.get("X-Api-Key") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        spellings = [key, quote(key, safe=""), base64.b64encode(key.encode()).decode()]
        body = json.dumps({"status": {"code": 500, "message": f"bad key {key}"}, "sent": sent, "as": spellings})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", key or PATH_KEY)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[tuple[str, list[str]]]:
    handler = type("Recorder", (Echo,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler.seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, echo: tuple[str, list[str]]) -> str:
    """Every key is planted, and one in the address of the node, where nodes are sold with it."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("ROTATION_ETHEREUM_URL", f"{echo[0]}/v3/{PATH_KEY}")
    return echo[0]


def everything_under(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file as text: bytes as they lie, and unpacked where they are packed."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                yield path.name, repr(pq.ParquetFile(path).read().to_pylist())
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            yield f"{schema}.{table}", repr(connection.execute(f'from "{schema}"."{table}"').fetchall())


def test_a_secret_in_every_key_variable_is_found_nowhere(
    tmp_path: Path, keys: str, echo: tuple[str, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    home = Home(home=tmp_path)
    home.prepare()
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    keyed = {row.provider for row in catalogue.entries() if row.key}
    wanted = [each for each in catalogue.datasets() if each.source in keyed or each.key == ("ethereum", "blocks")]
    urls = ProviderUrls.model_validate({f"{provider}_url": keys for provider in keyed})
    found = collect_night(home, NIGHT, wanted, urls, lambda: NIGHT.as_of, sleep=lambda _seconds: None)

    assert {each.source for each in found} == {*keyed, "ethereum"}
    assert all(set(each.outcomes).isdisjoint({Outcome.OK, Outcome.EMPTY}) for each in found)
    sent = " ".join(echo[1])
    forms = {form for secret in (*SECRETS.values(), PATH_KEY) for form in _spellings(secret)}
    assert all(secret in sent for secret in (*SECRETS.values(), PATH_KEY))
    leaks = {(name, form) for name, text in everything_under(tmp_path) for form in forms if form in text}
    assert leaks == set()
    assert [
        record.getMessage() for record in caplog.records if any(form in record.getMessage() for form in forms)
    ] == []
    landed = " ".join(text for _, text in everything_under(home.home))
    assert "[secret]" in landed  # the answers are there, what they repeated is not


@pytest.mark.slow
def test_a_secret_that_is_accepted_is_in_no_file_of_the_home_and_in_nothing_that_dagster_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The rows that a key brings are loaded; of the key itself neither landing nor Dagster's events say anything."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    for name in ("DAGSTER_HOME", "ROTATION_HOME"):
        monkeypatch.setenv(name, str(tmp_path))  # put back what `prepare_instance` sets
    caplog.set_level(logging.DEBUG)
    market, home = tmp_path / "market", Home(home=tmp_path / "home")
    market.mkdir()
    lines = [f"2026-01-{day:02},binance,LINK,5,3,100" for day in range(1, 17)]
    header = "date,exchange,symbol,inflow_native,outflow_native,reserve_native"
    (market / "exchange_flows.csv").write_text("\n".join([header, *lines]))
    claim(home, describe(market))
    prepare_instance(home)
    tables = ("cryptoquant_exchange_flows", "glassnode_exchange_flows", "glassnode_exchange_flows_pit")
    with dg.DagsterInstance.get() as instance:
        selection = [dg.AssetKey(["raw", table]) for table in tables]
        result = dg.materialize(
            [ingest],
            instance=instance,
            partition_key=str(NIGHT.day),
            selection=selection,
            resources={WRITER: writer},
        )
    assert result.success
    with duckdb.connect(str(home.warehouse)) as connection:
        counted = [connection.execute(f"select count(*) from raw.{table}").fetchall()[0][0] for table in tables]
    assert counted == [64, 48, 48]
    forms = {form for secret in SECRETS.values() for form in _spellings(secret)}
    assert any(name == "event_log.db" for name, _ in everything_under(home.home))
    assert {(name, form) for name, text in everything_under(home.home) for form in forms if form in text} == set()
    assert [each for each in caplog.messages if any(form in each for form in forms)] == []


def _spellings(secret: str) -> tuple[str, ...]:
    return (
        secret,
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        json.dumps(secret)[1:-1],
    )


def test_every_key_is_named_after_its_provider() -> None:
    assert {row.key for row in catalogue.entries() if row.key} == {"CRYPTOQUANT_API_KEY", "GLASSNODE_API_KEY"}
    assert all(row.key == f"{row.provider.upper()}_API_KEY" for row in catalogue.entries() if row.key)


@pytest.mark.parametrize("value", ["", "   "])
def test_without_a_key_a_dataset_is_off_and_says_what_would_switch_it_on(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, value)
    assert not {dataset.source for dataset in catalogue.datasets()} & {"cryptoquant", "glassnode"}
    off = catalogue.why_off(catalogue.entry("cryptoquant", "exchange_flows"))
    assert off == "it needs a key: set CRYPTOQUANT_API_KEY"
    monkeypatch.setenv("CRYPTOQUANT_API_KEY", "k")
    assert "cryptoquant" in {dataset.source for dataset in catalogue.datasets()}


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "smart“quotes”"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CRYPTOQUANT_API_KEY", value)
    with pytest.raises(SettingsError, match=r"^CRYPTOQUANT_API_KEY holds spaces or characters") as refused:
        api_key("cryptoquant")
    assert value not in str(refused.value)
