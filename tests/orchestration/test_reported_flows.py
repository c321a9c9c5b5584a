"""Flows that somebody reports, from a key or a dropped file to the mart: one provider speaks for a day, by name."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml

from ingestion import catalogue
from ingestion.collect import Collected
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.sandbox.routes.glassnode import KNOWN_THEN, OF
from ingestion.settings import Home
from orchestration.market import claim, describe
from orchestration.nights import newest_vintage
from orchestration.raw_assets import collect
from orchestration.transform import PROJECT, Dbt
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import suite_of

LAST = date(2026, 1, 16)
DAYS = [LAST - timedelta(days=back) for back in reversed(range(130))]
KEYS = {"cryptoquant": "CRYPTOQUANT_API_KEY", "glassnode": "GLASSNODE_API_KEY"}
CHOSEN = {
    ("coinmetrics", "asset_metrics"),
    ("cryptoquant", "exchange_flows"),
    ("glassnode", "exchange_flows"),
    ("glassnode", "exchange_flows_pit"),
    ("inbox", "exchange_flows"),
    ("inbox", "asset_metrics"),
}
SUPPLY = 600_000_000
ENDS = DAYS[-14]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LINK at Binance: as much in as out for months, then three weeks of leaving. MATIC has ended."""
    folder, rng = tmp_path_factory.mktemp("market"), np.random.default_rng(7)
    inflow = 500_000 + rng.normal(0, 20_000, len(DAYS)).round()
    outflow = 500_000 + rng.normal(0, 20_000, len(DAYS)).round() + np.where(np.arange(len(DAYS)) >= 109, 200_000, 0)
    lines = [f"{day},binance,LINK,{i},{o},1e7" for day, i, o in zip(DAYS, inflow, outflow, strict=True)]
    lines += [f"{day},binance,MATIC,{i},{o},1e7" for day, i, o in zip(DAYS, inflow, outflow, strict=True)]
    header = "date,exchange,symbol,inflow_native,outflow_native,reserve_native"
    (folder / "exchange_flows.csv").write_text("\n".join([header, *lines]) + "\n")
    caps = [f"{day},chainlink,LINK,Chainlink,1,10.0,{10.0 * SUPPLY},{SUPPLY}" for day in (*DAYS, LAST)]
    header = "date,coin_id,symbol,name,rank,price_usd,market_cap_usd,circulating_supply"
    (folder / "coin_caps.csv").write_text("\n".join([header, *dict.fromkeys(caps)]) + "\n")
    return folder


def drop(home: Home, name: str, text: str) -> None:
    """A file that has come to rest in the inbox."""
    home.prepare()
    path = home.inbox / name
    path.write_text(text)
    os.utime(path, (1_000_000_000, 1_000_000_000))


def drop_two_vendors_of_link(home: Home) -> None:
    """Two vendors of LINK, each at rest around its own level: +200,000 a day until the file ends, and -200,000."""
    swing = {day: 10_000 * (-1) ** n for n, day in enumerate(DAYS)}
    lines = [f"{day},{200_000 + by}" for day, by in swing.items() if day < ENDS]
    drop(home, "link_all_exchange.csv", "\n".join(["date,netflow_total", *lines]) + "\n")
    lines = [f"{day},{500_000 + by},700000" for day, by in swing.items()]
    drop(home, "link.csv", "\n".join(["time,FlowInExNtv,FlowOutExNtv", *lines]) + "\n")


def night(home: Home, day: date) -> dict[str, Collected]:
    """One night of who reports flows, its marts, and no gate that stops."""
    found = collect(home, [Night(day)], CHOSEN, is_window=False)
    assert [each.error for each in found if each.error] == []
    vintage = newest_vintage(home)
    built = Dbt(home).build(["+accumulation_distribution"], vintage)
    assert [f"{each.unique_id}: {each.message}" for each in built if not each.ok] == []
    names = [("staging", "stg_inbox__exchange_flows"), ("staging", "stg_inbox__asset_metrics")]
    names += [("intermediate", name) for name in ("int_reported_flows", "int_daily_netflow", "int_netflow_states")]
    judged = validate_layer(
        home.warehouse,
        [suite_of(*name) for name in (*names, ("marts", "accumulation_distribution"))],
        Run("run", day, vintage.as_of),
    )
    assert [
        f"{rule.table}.{rule.name}: {rule.message}" for each in judged for rule in each.results if rule.blocks
    ] == []
    return {f"{each.source}/{each.dataset}": each for each in found}


def mart(home: Home, columns: str, where: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        sql = f"select {columns} from marts.accumulation_distribution where {where} order by all"
        return connection.execute(sql).fetchall()


@pytest.mark.slow
def test_reported_flows_reach_the_mart_from_one_provider_a_day_once_there_is_a_key_or_a_file(
    tmp_path: Path, market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS.values():
        monkeypatch.delenv(name, raising=False)
    home = Home(home=tmp_path)
    claim(home, describe(market))

    # No key, files alone: nobody is asked, and the files speak.
    drop(home, "enj_binance.csv", f"date,netflow_total\n{DAYS[-2]},-5\n{DAYS[-1]},7\n")
    drop(home, "eth.csv", f"time,FlowInExNtv,FlowOutExNtv\n{DAYS[-1]},30,10\n")
    drop_two_vendors_of_link(home)
    found = night(home, DAYS[-1])
    assert {name for name, each in found.items() if each.requests} == {
        "coinmetrics/asset_metrics",
        "inbox/exchange_flows",
        "inbox/asset_metrics",
    }
    said = "symbol, exchange, date, netflow_native, provider, coin_id"
    assert mart(home, said, "provider is not null and symbol <> 'LINK'") == [
        ("ENJ", "binance", DAYS[-2], -5.0, "inbox_cryptoquant", "enjincoin"),
        ("ENJ", "binance", DAYS[-1], 7.0, "inbox_cryptoquant", "enjincoin"),
        ("ETH", "all_exchange", DAYS[-1], 20.0, "inbox_coinmetrics", "ethereum"),
    ]
    # One vendor's file ends: its level gives way to the other's, which is no accumulation.
    judged = "provider, state, min(date), max(date)"
    assert mart(home, judged, "symbol = 'LINK' and exchange = 'all_exchange' group by provider, state") == [
        ("inbox_coinmetrics", "UNKNOWN", ENDS, DAYS[-1]),
        ("inbox_cryptoquant", "NEUTRAL", DAYS[60], ENDS - timedelta(days=1)),
        ("inbox_cryptoquant", "UNKNOWN", DAYS[0], DAYS[59]),
    ]

    # Glassnode's key: what it says now, and beside it what it said then.
    monkeypatch.setenv(KEYS["glassnode"], "k" * 32)
    found = night(home, LAST)
    assert "cryptoquant/exchange_flows" not in found
    assert found["glassnode/exchange_flows"].outcomes[Outcome.OK] == 6
    link = "symbol = 'LINK' and exchange = 'binance'"
    with duckdb.connect(str(market / "any.duckdb")) as flows:
        ((served_in, served_out),) = flows.execute(
            f"select inflow_native, outflow_native from '{market}/exchange_flows.csv' "
            "where symbol = 'LINK' and date = ?", [LAST]
        ).fetchall()  # fmt: skip
    assert mart(home, "distinct provider, count(*)", f"{link} group by all") == [("glassnode", len(DAYS))]
    assert mart(home, "netflow_native, netflow_pit_native, state", f"{link} and date = '{LAST}'") == [
        (served_in - served_out, pytest.approx(served_in * KNOWN_THEN / OF - served_out), "ACCUMULATION")
    ]
    assert mart(home, "distinct state_reason", f"symbol = 'MATIC' and date = '{LAST}'") == [("migration",)]

    # Both keys: the first of the catalogue speaks, on every day that it knows, and the other is not blended in.
    monkeypatch.setenv(KEYS["cryptoquant"], "c" * 32)
    night(home, LAST)
    assert mart(home, "distinct provider, count(*), count(netflow_pit_native)", f"{link} group by all") == [
        ("cryptoquant", len(DAYS), 0)
    ]
    assert mart(home, "state", f"{link} and date = '{LAST}'") == [("ACCUMULATION",)]
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        reported = connection.execute(
            "select provider, count(*) from intermediate.int_reported_flows "
            "where symbol = 'LINK' and exchange = 'binance' group by 1 order by 1"
        ).fetchall()
    assert reported == [("cryptoquant", len(DAYS)), ("glassnode", len(DAYS))]


def test_flows_are_taken_in_the_order_of_the_catalogue() -> None:
    rule = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["netflow"]
    chain = catalogue.entry("ethereum", "transfers")
    # A file is of the inbox whatever its layout, which its provider names too.
    entries = list(dict.fromkeys(name.split("_")[0] for name in rule["providers"]))
    assert [name for name in entries if name != "coinmetrics"] == [chain.provider, *chain.fallback]
    community = catalogue.entry("coinmetrics", "asset_metrics")
    reports = [name for name in community.fallback if name in entries]
    assert reports == ["inbox"]
    assert entries.index("coinmetrics") < entries.index("inbox")
    assert catalogue.entry("cryptoquant", "exchange_flows").fallback == ("glassnode", "inbox")
    assert catalogue.entry("glassnode", "exchange_flows").fallback == ("inbox",)
