-- Grain: date, exchange, symbol, provider. Flows as somebody computed and reported them, beside those that are read from
-- the chain: Coin Metrics over all exchanges, CryptoQuant and Glassnode with a key, and dropped files in their layouts.
-- What is restated is in netflow, what was known on the day in netflow_pit. A file's layout says whose flows it has: two
-- vendors count other wallets, so each is a provider of its own, and a series never goes on with the other's.
{{ config(materialized='view') }}

{% set flow_metrics = "('FlowInExNtv', 'FlowOutExNtv')" %}
with metrics as (
    {% for metrics, provider in [
        (ref('stg_coinmetrics__asset_metrics'), "'coinmetrics'"),
        (ref('stg_inbox__asset_metrics'), "provider || '_coinmetrics'"),
    ] -%}
        select
            asset,
            date,
            metric,
            value,
            {{ provider }} as provider,
            _batch_id
        from {{ metrics }}
        where metric in {{ flow_metrics }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_asset as (
    select
        date,
        asset,
        provider,
        max(value) filter (where metric = 'FlowInExNtv') as inflow,
        max(value) filter (where metric = 'FlowOutExNtv') as outflow,
        max(_batch_id) as _batch_id
    from metrics
    group by date, asset, provider
),

-- Over all exchanges together no day is without flow: zero in and out is a day the provider has not finished.
of_assets as (
    select
        by_asset.date,
        'all_exchange' as exchange,
        coalesce(coins.symbol, upper(by_asset.asset)) as symbol,
        coalesce(coins.coin_id, 'coinmetrics:' || by_asset.asset) as coin_id,
        cast(null as varchar) as contract,
        case when by_asset.inflow + by_asset.outflow > 0 then by_asset.inflow end as inflow,
        case when by_asset.inflow + by_asset.outflow > 0 then by_asset.outflow end as outflow,
        cast(null as double) as netflow,
        cast(null as double) as netflow_pit,
        cast(null as double) as reserve,
        by_asset.provider,
        by_asset._batch_id
    from by_asset
    left join {{ ref('coins') }} as coins on by_asset.asset = coins.coinmetrics_asset
),

by_ticker as (
    {% for flows, provider in [
        (ref('stg_cryptoquant__exchange_flows'), "provider"),
        (ref('stg_inbox__exchange_flows'), "provider || '_cryptoquant'"),
    ] -%}
        select
            date,
            exchange,
            upper(symbol) as ticker,
            inflow,
            outflow,
            netflow,
            cast(null as double) as netflow_pit,
            reserve,
            {{ provider }} as provider,
            _batch_id
        from {{ flows }}
        union all
    {% endfor %}
    select
        coalesce(latest.date, pit.date) as date,
        coalesce(latest.exchange, pit.exchange) as exchange,
        upper(coalesce(latest.symbol, pit.symbol)) as ticker,
        latest.inflow,
        latest.outflow,
        latest.netflow,
        coalesce(pit.netflow, pit.inflow - pit.outflow) as netflow_pit,
        cast(null as double) as reserve,
        coalesce(latest.provider, pit.provider) as provider,
        greatest(latest._batch_id, pit._batch_id) as _batch_id
    from {{ ref('stg_glassnode__exchange_flows') }} as latest
    full outer join {{ ref('stg_glassnode__exchange_flows_pit') }} as pit
        on latest.date = pit.date and latest.exchange = pit.exchange and latest.symbol = pit.symbol
),

-- A ticker is used again by another coin: the reference says whose it is, and a ticker of two coins is nobody's.
tokens as (
    select
        symbol,
        coin_id,
        contract
    from {{ ref('int_token_identity') }}
    qualify row_number() over (partition by symbol order by valid_to desc, contract asc) = 1
),

coins as (
    select
        symbol,
        min(coin_id) as coin_id
    from {{ ref('coins') }}
    group by symbol
    having count(*) = 1
),

of_tickers as (
    select
        by_ticker.date,
        by_ticker.exchange,
        by_ticker.ticker as symbol,
        coalesce(tokens.coin_id, coins.coin_id, by_ticker.provider || ':' || lower(by_ticker.ticker)) as coin_id,
        tokens.contract,
        by_ticker.inflow,
        by_ticker.outflow,
        by_ticker.netflow,
        by_ticker.netflow_pit,
        by_ticker.reserve,
        by_ticker.provider,
        by_ticker._batch_id
    from by_ticker
    left join tokens on by_ticker.ticker = tokens.symbol
    left join coins on by_ticker.ticker = coins.symbol
),

together as (
    select * from of_tickers
    union all
    select * from of_assets
)

select
    date,
    exchange,
    coin_id,
    symbol,
    contract,
    -- one leg alone says nothing of the other
    case when outflow is not null then inflow end as inflow,
    case when inflow is not null then outflow end as outflow,
    coalesce(netflow, inflow - outflow) as netflow,
    netflow_pit,
    reserve,
    case when coalesce(netflow, inflow - outflow) is not null then cast(1 as double) else cast(0 as double) end as coverage,
    provider,
    _batch_id
from together
-- two assets of a provider may have one ticker: the one that is known counts
qualify row_number() over (
    partition by date, exchange, symbol, provider
    order by coalesce(netflow, inflow - outflow) is null, coin_id asc
) = 1
