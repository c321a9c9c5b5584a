-- Grain: date, exchange, symbol. Native units, positive arrives at the exchange. Binance comes from token transfers of its
-- labelled wallets, all_exchange from Coin Metrics. A day whose blocks were asked and had no transfer is 0; a day that was
-- not asked is null.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date',
    on_schema_change='fail',
    tags=['heavy']
) }}

{% set flow_metrics = "('FlowInExNtv', 'FlowOutExNtv')" %}
{% set inputs %}
    select day as date, _batch_id from {{ ref('stg_ethereum__blocks') }} where last_block is not null
    union all
    select day as date, _batch_id from {{ ref('stg_ethereum__ranges') }}
    union all
    select blocks.day as date, transfers._batch_id
    from {{ ref('stg_ethereum__transfers') }} as transfers
    asof inner join {{ ref('stg_ethereum__blocks') }} as blocks on transfers.block_number >= blocks.first_block
    union all
    select date, _batch_id from {{ ref('stg_coinmetrics__asset_metrics') }} where metric in {{ flow_metrics }}
{% endset %}
{% set dates = touched_dates(inputs, params_hash('netflow')) %}

with newest as (
    select
        inputs.date,
        max(inputs._batch_id) as _batch_id
    from ({{ inputs }}) as inputs
    where {{ on_dates('inputs.date', dates) }}
    group by inputs.date
),

days as (
    select
        day as date,
        first_block,
        last_block
    from {{ ref('stg_ethereum__blocks') }}
    where last_block is not null and {{ on_dates('day', dates) }}
),

tokens as (
    select * from {{ ref('int_token_identity') }}
),

wallets as (
    select
        address,
        exchange
    from {{ ref('exchange_wallets') }}
),

ranges as (
    select * from {{ ref('stg_ethereum__ranges') }}
    where {{ on_dates('day', dates) }}
),

moves as (
    select
        days.date,
        transfers.contract,
        transfers.value_raw,
        senders.exchange as from_exchange,
        receivers.exchange as to_exchange
    from {{ ref('stg_ethereum__transfers') }} as transfers
    asof inner join days on transfers.block_number >= days.first_block
    left join wallets as senders on transfers.from_address = senders.address
    left join wallets as receivers on transfers.to_address = receivers.address
    where transfers.block_number <= days.last_block
),

sides as (
    select
        date,
        contract,
        to_exchange as exchange,
        value_raw,
        case when coalesce(from_exchange = to_exchange, false) then 'internal' else 'in' end as side
    from moves
    where to_exchange is not null
    union all
    select
        date,
        contract,
        from_exchange as exchange,
        value_raw,
        'out' as side
    from moves
    where from_exchange is not null and from_exchange is distinct from to_exchange
),

sums as (
    select
        date,
        contract,
        exchange,
        {{ sum_uint256('value_raw', "side = 'in'") }} as inflow_raw,
        {{ sum_uint256('value_raw', "side = 'out'") }} as outflow_raw,
        {{ sum_uint256('value_raw', "side = 'internal'") }} as internal_raw,
        count(*) as transfers
    from sides
    group by date, contract, exchange
),

-- The blocks asked in both legs: |in| + |out| - |in or out|, each the length of a union of ranges.
legs as (
    select
        day,
        contract,
        leg,
        from_block,
        to_block
    from ranges
    union all
    select
        day,
        contract,
        'either' as leg,
        from_block,
        to_block
    from ranges
),

clipped as (
    select
        days.date,
        legs.contract,
        legs.leg,
        greatest(legs.from_block, days.first_block) as from_block,
        least(legs.to_block, days.last_block) as to_block
    from legs
    inner join days on legs.day = days.date
),

unions as (
    select
        *,
        max(to_block) over (
            partition by date, contract, leg
            order by from_block, to_block
            rows between unbounded preceding and 1 preceding
        ) as reached_block
    from clipped
),

asked as (
    select
        date,
        contract,
        leg,
        sum(greatest(to_block - greatest(from_block, coalesce(reached_block + 1, from_block)) + 1, 0)) as blocks
    from unions
    group by date, contract, leg
),

covered as (
    select
        date,
        contract,
        sum(case when leg = 'either' then -blocks else blocks end) as blocks
    from asked
    group by date, contract
),

labels as (
    select
        day as date,
        contract,
        case when min(wallet_set) = max(wallet_set) then min(wallet_set) else 'mixed' end as wallet_set
    from ranges
    group by day, contract
),

measured as (
    select
        days.date,
        exchanges.exchange,
        tokens.coin_id,
        tokens.symbol,
        tokens.contract,
        coalesce(sums.inflow_raw, 0.0) / power(10, tokens.decimals) as inflow,
        coalesce(sums.outflow_raw, 0.0) / power(10, tokens.decimals) as outflow,
        coalesce(sums.internal_raw, 0.0) / power(10, tokens.decimals) as internal,
        coalesce(sums.transfers, 0) as transfers,
        coalesce(covered.blocks, 0) / (days.last_block - days.first_block + 1) as coverage,
        labels.wallet_set
    from days
    cross join tokens
    cross join (select distinct exchange from wallets) as exchanges
    left join sums
        on days.date = sums.date and tokens.contract = sums.contract and exchanges.exchange = sums.exchange
    left join covered on days.date = covered.date and tokens.contract = covered.contract
    left join labels on days.date = labels.date and tokens.contract = labels.contract
),

from_transfers as (
    select
        date,
        exchange,
        coin_id,
        symbol,
        contract,
        case when is_covered then inflow end as inflow,
        case when is_covered then outflow end as outflow,
        case when is_covered then internal end as internal,
        case when is_covered then inflow - outflow end as netflow,
        transfers,
        coverage,
        wallet_set,
        'ethereum' as provider
    from (select *, coverage >= {{ var('netflow')['min_day_coverage'] }} as is_covered from measured)
),

flows as (
    select
        date,
        asset,
        max(value) filter (where metric = 'FlowInExNtv') as inflow,
        max(value) filter (where metric = 'FlowOutExNtv') as outflow
    from {{ ref('stg_coinmetrics__asset_metrics') }}
    where metric in {{ flow_metrics }} and {{ on_dates('date', dates) }}
    group by date, asset
),

-- Over all exchanges together no day is without flow: zero in and out is a day the provider has not finished.
from_coinmetrics as (
    select
        flows.date,
        'all_exchange' as exchange,
        coalesce(coins.coin_id, 'coinmetrics:' || flows.asset) as coin_id,
        coalesce(coins.symbol, upper(flows.asset)) as symbol,
        cast(null as varchar) as contract,
        case when is_known then flows.inflow end as inflow,
        case when is_known then flows.outflow end as outflow,
        cast(null as double) as internal,
        case when is_known then flows.inflow - flows.outflow end as netflow,
        cast(null as bigint) as transfers,
        case when is_known then 1.0 else 0.0 end as coverage,
        cast(null as varchar) as wallet_set,
        'coinmetrics' as provider
    from (
        select
            *,
            coalesce(inflow + outflow > 0, false) as is_known
        from flows
    ) as flows
    left join {{ ref('coins') }} as coins on flows.asset = coins.coinmetrics_asset
),

together as (
    select * from from_transfers
    union all
    select * from from_coinmetrics
)

select
    together.*,
    newest._batch_id,
    '{{ params_hash("netflow") }}' as params_hash
from together
inner join newest on together.date = newest.date
