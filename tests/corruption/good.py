"""Good data: one small night from a generated market, and beside it a delivery of every provider it had no need of.

Belongs here: making the warehouse once and copying its tables into memory, where they are spoiled one at a time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from ingestion.catalogue import dropped_datasets, every_dataset
from ingestion.collect import Dataset
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.generator import Size, generate
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.inbox.folder import take_inbox
from orchestration.market import claim, describe
from orchestration.nights import newest_vintage
from orchestration.raw_assets import collect
from orchestration.transform import Dbt
from orchestration.validation.rules import Suite
from tests.ingestion.faults.examples import record
from tests.ingestion.faults.server import provider
from tests.nights import small

NIGHT = Night(date(2026, 1, 16))
# Two weeks more than the generated market goes on after the night: the night has ten days of five-minute ratios.
SIZE: Size = replace(small.SIZE, ratio_days=24, transfer_days=90)
_DROPPED = {
    "IWM.csv": "Date,Open,High,Low,Close,Adj Close,Volume\n"
    + "".join(f"2026-01-{day},250.5,252,249,251,250,1000\n" for day in range(12, 17)),
    "link_binance.csv": "date,netflow_total,inflow_total,outflow_total,reserve\n"
    + "".join(f"2026-01-{day},-2.5,1,3.5,1000\n" for day in range(10, 17)),
    "btc.csv": "time,PriceUSD,CapMrktCurUSD\n" + "".join(f"2026-01-{day},95000,1.9e12\n" for day in range(10, 17)),
}

# Rows where a small night has none, and examples of the documentation brought in line: SQL by table, for `{good}`.
_OTHER_METRICS = """
    insert into {good}
    select flows.* replace (other as metric, value + more as value, hash(_row_hash, other) as _row_hash)
    from {good} as flows, (values ('inflow', 10), ('outflow', 5)) as others(other, more)"""
_DAYS_BEFORE = """
    insert into {good} select rows.* replace ({day} - back::integer as {day}, hash(_row_hash, back) as _row_hash)
    from {good} as rows, range(1, 7) as backs(back)"""
_ADDS_UP = "update {good} set inflow = netflow + 5, outflow = 5"
MADE_GOOD: Mapping[str, str] = {
    "intermediate.int_bias_forward": """
        insert into {good} select date '2026-01-10' + number::integer, outcome, 5, 0.01, 0.02, 40, 'hash'
        from range(3) as numbers(number), (values ('volatility'), ('return')) as outcomes(outcome)""",
    "intermediate.int_ratio_agreement": """
        insert into {good} select date '2026-01-10' + number::integer, 'BTCUSDT', 'global_account', 288, 0.0, true
        from range(3) as numbers(number)""",
    "intermediate.int_turning_matches": """
        insert into {good} select date '2025-12-31', '^RUT', 'btc', 10, 5,
            date '2025-06-02' + 40 * number::integer, date '2025-06-04' + 40 * number::integer,
            'low', 2, date '2025-06-20' + 40 * number::integer from range(4) as numbers(number)""",
    # Whether a generated market has a support zone is chance: its newest day lies in one, the day before above one.
    "marts.others_btc_cycles": """
        update {good} set support_low = ratio * 0.99, support_high = ratio * 1.01, support_lows = 3,
            support_since = date - 5, support_touches = 1, is_in_support = true
        where date = (select max(date) from {good});
        update {good} set support_low = ratio / 2, support_high = ratio / 1.9, support_lows = 3,
            support_since = date - 5, support_touches = 1, is_in_support = false
        where date = (select max(date) - 1 from {good})""",
    # One unit of a provider is one metric of several.
    "raw.glassnode_exchange_flows": _OTHER_METRICS,
    "raw.glassnode_exchange_flows_pit": _OTHER_METRICS,
    # The documentation shows some rows of a listing; here it has every rank, on two days.
    "raw.coinmarketcap_listings": """
        delete from {good} where date <> (select max(date) from {good});
        update {good} set cmc_rank = place
        from (select rowid as id, row_number() over (order by cmc_rank) as place from {good}) as ranked
        where rowid = id;
        insert into {good} select * replace (date - 7 as date, hash(_row_hash) as _row_hash) from {good}""",
    "staging.stg_cryptoquant__exchange_flows": _ADDS_UP,
    "staging.stg_glassnode__exchange_flows": _ADDS_UP,
    "staging.stg_glassnode__exchange_flows_pit": _ADDS_UP,
    # Snapshots of the days before, caps of one provider, and ratios of a quarter: what is compared with its own past.
    "raw.coingecko_global": _DAYS_BEFORE.replace("{day}", "snapshot_date"),
    "raw.coingecko_markets": _DAYS_BEFORE.replace("{day}", "snapshot_date"),
    "intermediate.int_coin_caps": "update {good} set provider = 'coinmetrics'",
    "intermediate.int_daily_ratios": """
        insert into {good} select rows.* replace (date - 10 * back::integer as date)
        from {good} as rows, range(1, 5) as backs(back) where date > (select max(date) - 10 from {good})""",
    # Stand-ins were asked on another market than the night.
    "intermediate.int_equity_close_agreement": "delete from {good} where not agrees",
}
# The newest rows of the largest tables: what a rule does with a year it does with a quarter.
_ROWS_FROM = {
    "raw.coinmetrics_asset_metrics": "date >= '2025-12-15'",
    "staging.stg_coinmetrics__asset_metrics": "date >= '2025-12-15'",
    "raw.binance_vision_klines": "open_time >= '2026-01-05'",
    "staging.stg_binance_vision__spot_bars": "open_time >= '2026-01-05'",
    "raw.binance_vision_metrics": "file_date >= '2026-01-13'",
    "staging.stg_binance_vision__metrics": "file_date >= '2026-01-13'",
    "raw.ethereum_ranges": "day >= '2026-01-10'",
    "staging.stg_ethereum__ranges": "day >= '2026-01-10'",
    "intermediate.int_coin_caps": "date >= '2025-12-01'",
    "intermediate.int_daily_netflow": "date >= '2025-12-01'",
    "intermediate.int_netflow_coverage": "date >= '2026-01-10'",
    "intermediate.int_netflow_scaled": "date >= '2026-01-10'",
    "intermediate.int_netflow_states": "date >= '2026-01-10'",
    "marts.accumulation_distribution": "date >= '2026-01-10'",
    "intermediate.int_equity_crypto_correlation": "session_date >= '2025-12-20'",
    "marts.equity_crypto_correlation": "session_date >= '2025-12-20'",
}


def newest(suite: Suite) -> str:
    """The query for the rows of a table that are spoiled."""
    where = _ROWS_FROM.get(suite.full_name, "true")
    return f"select * from {suite.full_name} where {where}"


def make(folder: Path) -> Path:
    """The warehouse of the good night, made unless it is there; returns its path."""
    home = Home(home=folder / "home")
    if home.warehouse.exists():
        return home.warehouse
    market = folder / "market"
    if not market.exists():
        generate(market, seed=1, size=SIZE)
    claim(home, describe(market))
    collect(home, [NIGHT], {dataset.key for dataset in every_dataset()}, is_window=False)
    broken = [result for result in Dbt(home).build(["fqn:*"], newest_vintage(home)) if not result.ok]
    if broken:
        raise RuntimeError(f"the good night was not built: {broken[0].unique_id}: {broken[0].message}")
    _deliver_what_is_missing(home, folder)
    return home.warehouse


def _deliver_what_is_missing(home: Home, folder: Path) -> None:
    """One unit of every dataset that this night did not need: stand-ins, providers with a key, dropped files."""
    with closing(duckdb.connect(str(home.warehouse))) as connection:
        missing = [dataset for dataset in every_dataset() if _is_empty(connection, dataset)]
        for dataset in missing:  # what the sandbox does not have counts as refused, and would not be asked again
            connection.execute("delete from meta.request_outcomes where source = ? and dataset = ?", dataset.key)
    dropped = {dataset.key for dataset in dropped_datasets()}
    examples = record(folder / "examples", [dataset for dataset in missing if dataset.key not in dropped])
    with provider() as server:
        for example in examples.values():
            server.serve = example.answers.__getitem__
            one = replace(example.dataset, plan=lambda _night, _known, only=example.request: [only], after=(), needs=())
            urls = ProviderUrls(**{f"{one.source}_url": server.url})
            collect_night(home, NIGHT, [one], urls, lambda: NIGHT.as_of)
    for name, text in _DROPPED.items():
        (home.inbox / name).write_text(text)
        os.utime(home.inbox / name, (time.time() - 60,) * 2)  # a file that was just written is left alone
    take_inbox(home, NIGHT, dropped_datasets(), NIGHT.as_of)


def _is_empty(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> bool:
    return not any(
        connection.execute(f"select 1 from raw.{parsed.table.name} limit 1").fetchall() for parsed in dataset.tables
    )
