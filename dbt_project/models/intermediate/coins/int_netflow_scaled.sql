-- Grain: date, exchange, symbol. Daily netflow beside the last circulating supply known by then, and what speaks against
-- judging the day: a migrated token, or labels that changed.
{{ config(materialized='view') }}

with netflow as (
    select * from {{ ref('int_daily_netflow') }}
),

supplies as (
    select
        date,
        coin_id,
        circulating_supply
    from {{ ref('int_coin_caps') }}
    where circulating_supply is not null
),

tokens as (
    select * from {{ ref('int_token_identity') }}
)

select
    netflow.date,
    netflow.exchange,
    netflow.coin_id,
    netflow.symbol,
    netflow.contract,
    netflow.netflow,
    netflow.coverage,
    netflow.wallet_set,
    netflow.provider,
    case
        when netflow.date - supplies.date <= {{ var('netflow')['max_supply_age_days'] }} then supplies.circulating_supply
    end as circulating_supply,
    case
        when netflow.date >= tokens.valid_to then 'migration'
        when netflow.date < tokens.valid_from then 'not valid yet'
        when tokens.coverage = 'none' and netflow.provider in ('ethereum', 'blockscout') then 'chain not covered'
        else ''
    end as blocked
from netflow
asof left join supplies on netflow.coin_id = supplies.coin_id and netflow.date >= supplies.date
left join tokens on netflow.contract = tokens.contract
