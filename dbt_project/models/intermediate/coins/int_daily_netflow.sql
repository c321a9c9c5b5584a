-- Grain: date, exchange, symbol. Native units, positive arrives at the exchange. Each day of a token at an exchange comes
-- from one provider, the first in the catalogue's order that knows it: token transfers of labelled wallets, then who
-- reports flows. A day whose blocks were asked and had no transfer is 0; a day that nobody knows is null.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date',
    on_schema_change='fail',
    tags=['heavy']
) }}

{% set providers = "['" ~ var('netflow')['providers'] | join("', '") ~ "']" %}
{% set inputs %}
    select day as date, _batch_id from {{ ref('stg_ethereum__blocks') }} where last_block is not null
    union all
    select day as date, _batch_id from {{ ref('stg_ethereum__ranges') }}
    union all
    select day as date, _batch_id from {{ ref('stg_blockscout__ranges') }}
    union all
    select blocks.day as date, transfers._batch_id
    from (
        select block_number, _batch_id from {{ ref('stg_ethereum__transfers') }}
        union all
        select block_number, _batch_id from {{ ref('stg_blockscout__transfers') }}
    ) as transfers
    asof inner join {{ ref('stg_ethereum__blocks') }} as blocks on transfers.block_number >= blocks.first_block
    union all
    -- other labels, other flows: on all days
    select blocks.day as date, lists._batch_id
    from {{ ref('stg_ethereum__blocks') }} as blocks
    cross join {{ ref('stg_registry__lists') }} as lists
    where blocks.last_block is not null
    union all
    select date, _batch_id from {{ ref('int_reported_flows') }}
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

labels as (
    select * from {{ ref('stg_registry__wallets') }}
    where chain = 'ethereum'
),

moves as (
    {{ labelled_moves('days', 'labels') }}
),

sides as (
    select
        date,
        contract,
        to_exchange as exchange,
        value_raw,
        case
            when is_excluded then 'excluded_in'
            when from_exchange is null then 'in'
            when from_exchange = to_exchange then 'internal'
            else 'cross_in'
        end as side
    from moves
    where to_exchange is not null
    union all
    select
        date,
        contract,
        from_exchange as exchange,
        value_raw,
        case
            when is_excluded then 'excluded_out'
            when to_exchange is null then 'out'
            else 'cross_out'
        end as side
    from moves
    where from_exchange is not null and from_exchange is distinct from to_exchange
),

sums as (
    select
        date,
        contract,
        exchange,
        {% for side in ['in', 'out', 'internal', 'cross_in', 'cross_out', 'excluded_in', 'excluded_out'] %}
            {{ sum_uint256('value_raw', "side = '" ~ side ~ "'") }} as {{ side }}_raw,
        {% endfor %}
        count(*) as transfers
    from sides
    group by date, contract, exchange
),

-- What the wallets hold more at the end of the day, from both ends of every move whatever it is: the check of the sums.
reserves as (
    select
        date,
        contract,
        exchange,
        {{ sum_uint256('value_raw', 'arrives') }} - ({{ sum_uint256('value_raw', 'not arrives') }}) as change_raw
    from (
        select
            date,
            contract,
            to_exchange as exchange,
            value_raw,
            true as arrives
        from moves
        union all
        select
            date,
            contract,
            from_exchange as exchange,
            value_raw,
            false as arrives
        from moves
    ) as ends
    where exchange is not null
    group by date, contract, exchange
),

-- Moves with a label that was not public yet: what they are now, and what they were then.
late as (
    select
        *,
        cast(value_raw as double) as amount,
        case when from_known <= date then from_exchange end as from_then,
        case when to_known <= date then to_exchange end as to_then
    from moves
    where not is_excluded and (from_known > date or to_known > date)
),

corrections as (
    select
        date,
        contract,
        exchange,
        sum(amount) as correction_raw
    from (
        select
            date,
            contract,
            to_then as exchange,
            amount
        from late
        where from_then is null
        union all
        select
            date,
            contract,
            from_then as exchange,
            -amount as amount
        from late
        where to_then is null
        union all
        select
            date,
            contract,
            to_exchange as exchange,
            -amount as amount
        from late
        where from_exchange is null
        union all
        select
            date,
            contract,
            from_exchange as exchange,
            amount
        from late
        where to_exchange is null
    ) as parts
    where exchange is not null
    group by date, contract, exchange
),

measured as (
    select
        days.date,
        exchanges.exchange,
        tokens.coin_id,
        tokens.symbol,
        tokens.contract,
        {% for side in ['in', 'out', 'internal', 'cross_in', 'cross_out', 'excluded_in', 'excluded_out'] %}
            coalesce(sums.{{ side }}_raw, 0.0) / power(10, tokens.decimals) as "{{ side }}",
        {% endfor %}
        coalesce(reserves.change_raw, 0.0) / power(10, tokens.decimals) as reserve_change,
        coalesce(corrections.correction_raw, 0.0) / power(10, tokens.decimals) as correction,
        coalesce(sums.transfers, 0) as transfers,
        coalesce(asked.coverage, 0) as coverage,
        coalesce(asked.coverage, 0) >= {{ var('netflow')['min_day_coverage'] }} as is_covered,
        asked.wallet_set,
        coalesce(asked.provider, 'ethereum') as provider
    from days
    cross join tokens
    cross join (
        select distinct exchange from labels
        where kind = 'exchange'
    ) as exchanges
    left join sums
        on days.date = sums.date and tokens.contract = sums.contract and exchanges.exchange = sums.exchange
    left join reserves
        on days.date = reserves.date and tokens.contract = reserves.contract and exchanges.exchange = reserves.exchange
    left join corrections
        on
            days.date = corrections.date
            and tokens.contract = corrections.contract
            and exchanges.exchange = corrections.exchange
    left join {{ ref('int_netflow_coverage') }} as asked
        on days.date = asked.date and tokens.contract = asked.contract
),

from_transfers as (
    select
        date,
        exchange,
        coin_id,
        symbol,
        contract,
        case when is_covered then "in" end as inflow,
        case when is_covered then out end as outflow,
        case when is_covered then internal end as internal,
        case when is_covered then cross_in - cross_out end as cross_exchange,
        case when is_covered then excluded_in - excluded_out end as excluded,
        case when is_covered then "in" - out end as netflow,
        case when is_covered then "in" - out + correction end as netflow_pit,
        case when is_covered then reserve_change end as reserve_change,
        transfers,
        coverage,
        wallet_set,
        provider
    from measured
),

reported as (
    select
        date,
        exchange,
        coin_id,
        symbol,
        contract,
        inflow,
        outflow,
        cast(null as double) as internal,
        cast(null as double) as cross_exchange,
        cast(null as double) as excluded,
        netflow,
        netflow_pit,
        cast(null as double) as reserve_change,
        cast(null as bigint) as transfers,
        coverage,
        cast(null as varchar) as wallet_set,
        provider
    from {{ ref('int_reported_flows') }}
    where {{ on_dates('date', dates) }}
),

offered as (
    select * from from_transfers
    union all
    select * from reported
),

together as (
    select * from offered
    qualify row_number() over (
        partition by date, exchange, symbol
        order by netflow is null, list_position({{ providers }}, provider), contract asc
    ) = 1
)

select
    together.*,
    newest._batch_id,
    '{{ params_hash("netflow") }}' as params_hash
from together
inner join newest on together.date = newest.date
