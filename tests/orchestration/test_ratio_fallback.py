"""Where the archive lacks a day another provider answers, venues are never blended, and the mart says who it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion import catalogue
from ingestion.catalogue import RAW_TABLES
from ingestion.collect import Dataset
from ingestion.entry import Entry
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox import server
from ingestion.sandbox.generator import SMALL, generate
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_futures import dataset as binance_futures
from ingestion.sources.binance_vision import dataset as binance_vision
from ingestion.sources.bybit import dataset as bybit
from ingestion.sources.okx import dataset as okx
from ingestion.warehouse import raw
from orchestration.nights import newest_vintage
from orchestration.transform import PROJECT, Dbt
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import suite_of

LAST_DAY = date(2026, 1, 16)
REFUSED = "http://127.0.0.1:9"
BUILDERS: dict[tuple[str, str], Callable[[Entry], Dataset]] = {
    ("binance_vision", "metrics"): binance_vision.metrics,
    ("binance_futures", "ratios"): binance_futures.ratios,
    ("bybit", "account_ratio"): bybit.account_ratio,
    ("okx", "ratios"): okx.ratios,
}
CAPS = (("coinmetrics", "asset_metrics"), ("coingecko", "markets"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The sandbox of a small market, and under `archive_late` the archive before it has the last day."""
    market = tmp_path_factory.mktemp("market")
    generate(market, size=SMALL)
    with ExitStack() as stack:
        base = stack.enter_context(server.serve(market, LAST_DAY))
        late = stack.enter_context(server.serve(market, LAST_DAY - timedelta(days=1)))
        names = {name.removeprefix("ROTATION_").lower(): url for name, url in server.urls(base).items()}
        yield names | {"archive_late": f"{late}/binance_vision"}


def collect(home: Home, served: dict[str, str], day: date = LAST_DAY, **instead: str) -> None:
    """Three days of ratios and the caps."""
    entries = {(row.provider, row.dataset): row for row in catalogue.entries()}
    wanted = [build(entries[key].model_copy(update={"history": 3})) for key, build in BUILDERS.items()]
    wanted += [each for each in catalogue.every_dataset() if each.key in CAPS]
    urls = ProviderUrls.model_validate({key: url for key, url in served.items() if key.endswith("_url")} | instead)
    night = Night(day)
    found = collect_night(home, night, wanted, urls, lambda: night.as_of, sleep=lambda _seconds: None)
    assert [each.error for each in found if each.error] == []


def build(home: Home) -> list[str]:
    """Build the mart and its parents as the night does; what went wrong."""
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    vintage = newest_vintage(home)
    results = Dbt(home).build(["+cap_tier_long_bias", "int_ratio_agreement"], vintage)
    suites = [suite_of("intermediate", "int_daily_ratios"), suite_of("marts", "cap_tier_long_bias")]
    judged = validate_layer(home.warehouse, suites, Run("run", vintage.night.day, vintage.as_of))
    broken = [f"{rule.table}.{rule.name}: {rule.message}" for each in judged for rule in each.results if rule.blocks]
    return [f"{each.unique_id}: {each.message}" for each in results if not each.ok] + broken


def providers(home: Home, day: date) -> dict[str, set[str]]:
    """Who is named in the rows of all tiers of a day, by ratio kind."""
    sql = "select ratio_kind, providers from marts.cap_tier_long_bias where date = ? and cap_tier = 'all'"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(sql, [day]).fetchall()
    return {kind: set(re.sub(r" \d+", "", named).split(", ")) for kind, named in rows}


def all_from(provider: str) -> dict[str, set[str]]:
    return {kind: {provider} for kind in ("global_account", "top_account", "top_position", "taker_volume")}


@pytest.mark.slow
def test_a_day_the_archive_lacks_is_answered_by_rest_until_the_archive_has_it(
    tmp_path: Path, served: dict[str, str]
) -> None:
    home = Home(home=tmp_path)
    collect(home, served, binance_vision_url=served["archive_late"])
    assert build(home) == []
    assert providers(home, LAST_DAY - timedelta(days=1)) == all_from("binance_vision")
    assert providers(home, LAST_DAY) == all_from("binance_futures")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        named = connection.execute(
            "select providers, n from marts.cap_tier_long_bias where date = ? and ratio_kind = 'top_account'",
            [LAST_DAY],
        ).fetchall()
    assert all(text == (f"binance_futures {n}" if n else "") for text, n in named)
    assert max(n for _, n in named) >= 10

    collect(home, served, LAST_DAY + timedelta(days=1))
    assert build(home) == []
    assert providers(home, LAST_DAY) == all_from("binance_vision")
    agreement = (
        "select date, count(*), min(n_both), bool_and(agrees) from intermediate.int_ratio_agreement group by date"
    )
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert connection.execute(agreement).fetchall() == [(LAST_DAY, 12 * 4, 288, True)]


@pytest.mark.slow
def test_where_binance_is_out_of_reach_each_kind_comes_from_one_venue(tmp_path: Path, served: dict[str, str]) -> None:
    home = Home(home=tmp_path)
    collect(home, served, binance_vision_url=served["archive_late"], binance_futures_url=REFUSED)
    assert build(home) == []
    assert providers(home, LAST_DAY) == {
        "global_account": {"bybit"},
        "top_account": {"okx"},
        "top_position": {"okx"},
        "taker_volume": {"okx"},
    }
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        coverage = connection.execute(
            "select distinct provider, n_samples, coverage from intermediate.int_daily_ratios where date = ?",
            [LAST_DAY],
        ).fetchall()
    assert sorted(coverage) == [("bybit", 24, 1.0), ("okx", 24, 1.0)]


def test_models_prefer_providers_in_the_order_of_the_catalogue() -> None:
    rule = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["ratios"]
    archive = catalogue.entry("binance_vision", "metrics")
    assert rule["providers"] == [archive.provider, *archive.fallback]
    assert set(rule["samples_a_day"]) == set(rule["providers"])
    for position, (provider, dataset) in enumerate(BUILDERS):
        before = [key for key in BUILDERS if rule["providers"].index(key[0]) < position]
        # OKX gives three kinds that Bybit does not: it stands in for Binance alone.
        expected = [key for key in before if key[0] != "bybit"]
        assert list(catalogue.entry(provider, dataset).after) == expected
