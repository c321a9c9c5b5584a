"""Good data: one small night from a generated market, and beside it a delivery of every provider it had no need of.

Belongs here: making the warehouse once and copying its tables into memory, where they are spoiled one at a time.
"""

from __future__ import annotations

import os
import time
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

# Where a small night has no row: one that is as it should be.
_ROWS = (
    """insert into good.intermediate.int_bias_forward
    select date '2026-01-10' + number::integer, outcome, 5, 0.01, 0.02, 40, 'hash'
    from range(3) as numbers(number), (values ('volatility'), ('return')) as outcomes(outcome)""",
    """insert into good.intermediate.int_ratio_agreement
    select date '2026-01-10' + number::integer, 'BTCUSDT', 'global_account', 288, 0.0, true
    from range(3) as numbers(number)""",
    """insert into good.intermediate.int_turning_matches
    select date '2025-12-31', '^RUT', 'btc', 10, 5,
        date '2025-06-02' + 40 * number::integer, date '2025-06-04' + 40 * number::integer,
        'low', 2, date '2025-06-20' + 40 * number::integer from range(4) as numbers(number)""",
)
# One unit of a provider is one metric of several, and the documentation's examples do not add up.
_OTHER_METRICS = tuple(
    f"""insert into good.raw.{table}
    select flows.* replace (other as metric, value + more as value, md5(_row_hash || other) as _row_hash)
    from good.raw.{table} as flows, (values ('inflow', 10), ('outflow', 5)) as others(other, more)"""
    for table in ("glassnode_exchange_flows", "glassnode_exchange_flows_pit")
)
_IN_LINE = (
    # The documentation shows some rows of a listing; here it has every rank, on two days.
    "delete from good.raw.coinmarketcap_listings where date <> (select max(date) from good.raw.coinmarketcap_listings)",
    """update good.raw.coinmarketcap_listings set cmc_rank = place
    from (select rowid as id, row_number() over (partition by date order by cmc_rank) as place
        from good.raw.coinmarketcap_listings) as ranked where rowid = id""",
    "insert into good.raw.coinmarketcap_listings "
    "select * replace (date - 7 as date, md5(_row_hash) as _row_hash) from good.raw.coinmarketcap_listings",
    *(
        f"update good.staging.stg_{table} set inflow = netflow + 5, outflow = 5"
        for table in (
            *("cryptoquant__exchange_flows", "glassnode__exchange_flows"),
            "glassnode__exchange_flows_pit",
        )
    ),
    # Stand-ins were asked on another market than the night.
    "delete from good.intermediate.int_equity_close_agreement where not agrees",
)
# The newest rows of the largest tables: what a rule does with a year it does with a quarter.
_ROWS_FROM = {
    "raw.coinmetrics_asset_metrics": "date >= '2025-11-10'",
    "staging.stg_coinmetrics__asset_metrics": "date >= '2025-11-10'",
    "intermediate.int_coin_caps": "date >= '2025-12-20'",
    "raw.binance_vision_klines": "open_time >= '2025-12-01'",
    "staging.stg_binance_vision__spot_bars": "open_time >= '2025-12-01'",
    "raw.ethereum_ranges": "day >= '2025-12-15'",
    "staging.stg_ethereum__ranges": "day >= '2025-12-15'",
}
MADE_GOOD = (*_ROWS, *_OTHER_METRICS, *_IN_LINE)


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
