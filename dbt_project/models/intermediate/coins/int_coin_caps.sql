-- Grain: date, coin_id. One provider per date, never two in one ranking: CoinGecko's snapshot of the day when it is
-- large enough to be whole, else Coin Metrics, else dropped files when they name as many coins.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date',
    on_schema_change='fail'
) }}

{% set tiers = var('caps')['tiers'] %}
{% set cap_metrics = "('PriceUSD', 'CapMrktEstUSD', 'CapMrktCurUSD', 'SplyCur')" %}
{% set inputs %}
    select snapshot_date as date, _batch_id from {{ ref('stg_coingecko__markets') }}
    union all
    select date, _batch_id from {{ ref('stg_coinmetrics__asset_metrics') }} where metric in {{ cap_metrics }}
    union all
    select date, _batch_id from {{ ref('stg_inbox__asset_metrics') }} where metric in {{ cap_metrics }}
{% endset %}
{% set dates = touched_dates(inputs, params_hash('caps')) %}

with coins as (
    select * from {{ ref('coins') }}
),

snapshot as (
    select * from {{ ref('stg_coingecko__markets') }}
    where {{ on_dates('snapshot_date', dates) }}
),

metrics as (
    select
        date,
        asset,
        metric,
        value,
        'coinmetrics' as provider
    from {{ ref('stg_coinmetrics__asset_metrics') }}
    where metric in {{ cap_metrics }} and {{ on_dates('date', dates) }}
    union all
    select
        date,
        asset,
        metric,
        value,
        provider
    from {{ ref('stg_inbox__asset_metrics') }}
    where metric in {{ cap_metrics }} and {{ on_dates('date', dates) }}
),

whole_snapshots as (
    select snapshot_date as date
    from snapshot
    where market_cap_usd is not null
    group by snapshot_date
    having count(*) >= {{ var('caps')['min_snapshot_coins'] }}
),

newest as (
    select
        inputs.date,
        max(inputs._batch_id) as _batch_id
    from ({{ inputs }}) as inputs
    where {{ on_dates('inputs.date', dates) }}
    group by inputs.date
),

from_snapshot as (
    select
        snapshot.snapshot_date as date,
        snapshot.coin_id,
        snapshot.symbol,
        snapshot.name,
        'coingecko' as provider,
        snapshot.price_usd,
        snapshot.market_cap_usd,
        snapshot.circulating_supply
    from snapshot
    inner join whole_snapshots on snapshot.snapshot_date = whole_snapshots.date
),

by_asset as (
    select
        date,
        asset,
        provider,
        max(value) filter (where metric = 'PriceUSD' and value > 0) as price_usd,
        max(value) filter (where metric = 'CapMrktEstUSD' and value > 0) as estimated_cap_usd,
        max(value) filter (where metric = 'CapMrktCurUSD' and value > 0) as ledger_cap_usd,
        max(value) filter (where metric = 'SplyCur' and value > 0) as supply
    from metrics
    group by date, asset, provider
),

-- A file about some coins is no ranking.
whole_files as (
    select date
    from by_asset
    group by date
    having
        count(*) filter (where provider = 'coinmetrics') = 0
        and count(coalesce(estimated_cap_usd, ledger_cap_usd)) >= {{ var('caps')['min_snapshot_coins'] }}
),

from_metrics as (
    select
        by_asset.date,
        coalesce(coins.coin_id, 'coinmetrics:' || by_asset.asset) as coin_id,
        coalesce(coins.symbol, upper(by_asset.asset)) as symbol,
        coalesce(coins.name, by_asset.asset) as name,
        by_asset.provider,
        by_asset.price_usd,
        coalesce(by_asset.estimated_cap_usd, by_asset.ledger_cap_usd) as market_cap_usd,
        -- where the supply itself is not open, the cap over the price is the supply the provider used
        coalesce(by_asset.supply, by_asset.estimated_cap_usd / by_asset.price_usd) as circulating_supply
    from by_asset
    left join coins on by_asset.asset = coins.coinmetrics_asset
    where
        by_asset.date not in (select whole_snapshots.date from whole_snapshots)
        and (by_asset.provider = 'coinmetrics' or by_asset.date in (select whole_files.date from whole_files))
),

together as (
    select * from from_snapshot
    union all
    select * from from_metrics
),

classed as (
    select
        together.*,
        coalesce(exclusions.asset_class, 'coin') as asset_class
    from together
    left join {{ ref('exclusions') }} as exclusions on together.coin_id = exclusions.coin_id
),

ranked as (
    select
        *,
        case
            when asset_class = 'coin' and market_cap_usd is not null then
                row_number() over (
                    partition by date, asset_class = 'coin' and market_cap_usd is not null
                    order by market_cap_usd desc, coin_id asc
                )
        end as cap_rank
    from classed
)

select
    ranked.date,
    ranked.coin_id,
    ranked.symbol,
    ranked.name,
    ranked.provider,
    ranked.price_usd,
    ranked.market_cap_usd,
    ranked.circulating_supply,
    ranked.asset_class,
    ranked.cap_rank,
    case
        when ranked.cap_rank is null then null
        {% for tier, last_rank in tiers.items() -%}
            when ranked.cap_rank <= {{ last_rank }} then '{{ tier }}'
        {% endfor -%}
        else 'micro'
    end as cap_tier,
    newest._batch_id,
    '{{ params_hash("caps") }}' as params_hash
from ranked
inner join newest on ranked.date = newest.date
