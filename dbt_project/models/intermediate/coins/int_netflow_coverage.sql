-- Grain: date, contract. How much of a contract's day was asked in both legs for the labels in force, and of whom.
{{ config(materialized='view', tags=['heavy']) }}

with days as (
    select
        day as date,
        first_block,
        last_block
    from {{ ref('stg_ethereum__blocks') }}
    where last_block is not null
),

-- The exchanges' wallets by the labels in force, named as ingestion names what it asks for.
in_force as (
    select left(sha256(string_agg(address, ',' order by address)), 12) as wallet_set
    from {{ ref('stg_registry__wallets') }}
    where chain = 'ethereum' and kind = 'exchange'
),

offered as (
    select
        *,
        'ethereum' as provider
    from {{ ref('stg_ethereum__ranges') }}
    union all
    select
        *,
        'blockscout' as provider
    from {{ ref('stg_blockscout__ranges') }}
),

-- A node answers for the wallets it was asked for: what others moved is not known. The indexer gives all transfers.
ranges as (
    select offered.* replace (in_force.wallet_set as wallet_set)
    from offered
    cross join in_force
    where offered.wallet_set = in_force.wallet_set or offered.provider = 'blockscout'
),

-- The blocks asked in both legs: |in| + |out| - |in or out|, each the length of a union of ranges.
legs as (
    select
        ranges.day,
        ranges.contract,
        ranges.leg,
        ranges.from_block,
        ranges.to_block
    from ranges
    union all
    select
        ranges.day,
        ranges.contract,
        'either' as leg,
        ranges.from_block,
        ranges.to_block
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

origins as (
    select
        day as date,
        contract,
        min(wallet_set) as wallet_set,
        min(provider) as provider
    from ranges
    group by day, contract
)

select
    covered.date,
    covered.contract,
    covered.blocks / (days.last_block - days.first_block + 1) as coverage,
    origins.wallet_set,
    origins.provider
from covered
inner join days on covered.date = days.date
inner join origins on covered.date = origins.date and covered.contract = origins.contract
