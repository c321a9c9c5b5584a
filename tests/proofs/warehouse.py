"""A warehouse filled from a generated market as the providers would have filled it, each row known the morning after.

Belongs here: raw rows from market files, the moment each was known, and cutting them off. What is built of them and
compared belongs to the proofs.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb

from ingestion import reference
from ingestion.catalogue import RAW_TABLES
from ingestion.sandbox.generator import Size, generate
from ingestion.sources.ethereum.parse import wallet_set
from ingestion.warehouse.raw import KNOWN_AT
from tests.dbt.empty_warehouse import Warehouse, as_of

# The day of a row, by the first of these columns its table has; a table without any was known from the beginning.
_DAYS = ("file_date", "session_date", "snapshot_date", "date", "open_time", "funding_minute", "timestamp")
# The first block of a day closes the day before it.
_DAY_BEFORE = ("day",)


def filled(folder: Path, size: Size, seed: int = 1, *, null: bool = False) -> Warehouse:
    """A generated market and a warehouse with all that its providers would have given until its last day."""
    market = folder / "market"
    generate(market, seed=seed, size=size, null=null)
    warehouse = Warehouse(folder)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set file_search_path = '{market}'")
        asked_for = wallet_set(reference.wallets("ethereum"))
        for table, sql in _ROWS.items():
            connection.execute(f"""
                insert into raw.{table} by name
                select *, 1 as _batch_id, now() as {KNOWN_AT}, hash(given::varchar) as _row_hash
                from ({sql.format(labels=reference.__path__[0], wallet_set=asked_for)}) as given""")
        for table in RAW_TABLES:
            moment = _known_at(set(table.columns))
            connection.execute(f"update raw.{table.name} set {KNOWN_AT} = {moment}")
    return warehouse


def cut(whole: Warehouse, folder: Path, day: date) -> Warehouse:
    """The same warehouse without any row that was not known on the morning after `day`."""
    folder.mkdir()
    shutil.copyfile(whole.path, folder / whole.path.name)
    warehouse = Warehouse(folder)
    with duckdb.connect(str(warehouse.path)) as connection:
        for table in RAW_TABLES:
            connection.execute(f"delete from raw.{table.name} where {KNOWN_AT} > ?", [as_of(day)])
    return warehouse


def _known_at(columns: set[str]) -> str:
    """SQL for ten o'clock after the day of a row has ended, half an hour before its night."""
    for name in _DAY_BEFORE:
        if name in columns and "from_block" not in columns:
            return f"{name}::timestamp at time zone 'UTC' + interval 10 hour"
    for name in (*_DAYS, *_DAY_BEFORE):
        if name in columns:
            return f"date_trunc('day', {name}::timestamp) at time zone 'UTC' + interval 34 hour"
    if "block_number" in columns:
        return (
            "(select max(day)::timestamp at time zone 'UTC' + interval 34 hour from raw.ethereum_blocks"
            " where first_block <= block_number)"
        )
    return "timestamptz '2000-01-01'"


# Raw tables as SQL over the files of a market.
_ROWS = {
    "yahoo_chart": """
        select symbol, session_date, open, high, low, close, close as adj_close, volume::bigint as volume
        from 'equity_bars.parquet'""",
    "coinmarketcap_total": """
        select date, total_cap_usd as total_market_cap_usd, btc_dominance_pct,
            total_cap_usd * (1 - btc_dominance_pct / 100) as altcoin_market_cap_usd,
            (date + 1)::timestamp at time zone 'UTC' as quoted_at
        from 'total_cap.parquet'""",
    "binance_vision_klines": """
        select symbol, "interval", open_time, open, high, low, close, volume, volume * close as quote_volume,
            1 as trades
        from 'crypto_bars.parquet' where "interval" = '1d' or symbol = 'BTCUSDT'""",
    # One five-minute sample an hour: a day's ratio needs no more, and a proof is not a test of size.
    "binance_vision_metrics": """
        select symbol, (ts - interval 5 minute)::timestamp::date as file_date,
            (ts - interval 5 minute)::timestamp as create_time, 'start' as label_convention,
            max(ratio) filter (ratio_kind = 'global_account') as count_long_short_ratio,
            max(ratio) filter (ratio_kind = 'top_account') as count_toptrader_long_short_ratio,
            max(ratio) filter (ratio_kind = 'top_position') as sum_toptrader_long_short_ratio,
            max(ratio) filter (ratio_kind = 'taker_volume') as sum_taker_long_short_vol_ratio,
            max(open_interest) as sum_open_interest, max(open_interest_usd) as sum_open_interest_value
        from 'derivatives_ratios.parquet' where minute(ts) = 5 group by all""",
    "coinmetrics_asset_metrics": """
        select asset, date, metric, value, 'reviewed' as status
        from (
            unpivot (
                select coalesce(known.coinmetrics_asset, lower(listed.symbol)) as asset, date, price_usd as "PriceUSD",
                    market_cap_usd as "CapMrktEstUSD", circulating_supply as "SplyCur"
                from 'coin_caps.parquet' as listed
                left join read_csv('{labels}/coins.csv', all_varchar = true) as known using (coin_id)
                qualify row_number() over (partition by asset, date order by rank) = 1
            ) on "PriceUSD", "CapMrktEstUSD", "SplyCur" into name metric value value
        )
        union all
        select lower(symbol), date, metric, value, 'reviewed'
        from (
            unpivot (
                select symbol, date, inflow_native as "FlowInExNtv", outflow_native as "FlowOutExNtv"
                from 'exchange_flows.parquet'
            ) on "FlowInExNtv", "FlowOutExNtv" into name metric value value
        )""",
    # The chain of a market is known by its transfers alone: a day begins with its first one.
    "ethereum_blocks": """
        select block_time::timestamp::date as day, min(block_number) as first_block, min(block_time) as first_block_time
        from 'token_transfers.parquet' group by all
        union all
        select max(block_time)::timestamp::date + 1, max(block_number) + 1, max(block_time) + interval 12 second
        from 'token_transfers.parquet'""",
    "ethereum_transfers": """
        select tx_hash as transaction_hash, log_index, block_number, contract, from_address, to_address, value_raw
        from 'token_transfers.parquet'""",
    "ethereum_ranges": """
        select days.day, legs.leg, contracts.contract, days.first_block as from_block, days.last_block as to_block,
            '{wallet_set}' as wallet_set, 1 as logs
        from (
            select day, first_block, lead(first_block) over (order by day) - 1 as last_block from raw.ethereum_blocks
        ) as days
        cross join (select unnest(['in', 'out']) as leg) as legs
        cross join (select distinct contract from 'token_transfers.parquet') as contracts
        where days.last_block is not null""",
    "registry_versions": """
        select 'project' as origin, timestamptz '2000-01-01' as read_at, 'v1' as version, count(*) as wallets
        from read_csv('{labels}/exchange_wallets.csv', all_varchar = true)""",
    "registry_wallets": """
        select 'project' as origin, 'v1' as version, chain, address, exchange, label, kind, source,
            known_from::date as known_from, valid_from::date as valid_from, valid_to::date as valid_to
        from read_csv('{labels}/exchange_wallets.csv', all_varchar = true)""",
}
