-- Grain: coin_id. Every coin of the reference and of the newest ranking, as of the night.
with night as (
    select cast('{{ var("night") }}' as date) as night
),

coins as (
    select * from {{ ref('coins') }}
),

newest_caps as (
    select caps.*
    from {{ ref('int_coin_caps') }} as caps
    where caps.date = (select max(known.date) from {{ ref('int_coin_caps') }} as known)
),

perpetuals as (
    select perpetuals.*
    from {{ ref('perpetuals') }} as perpetuals
    cross join night
    where
        night.night >= coalesce(perpetuals.valid_from, date '1970-01-01')
        and night.night < coalesce(perpetuals.valid_to, date '9999-12-31')
    qualify row_number() over (partition by perpetuals.coin_id order by perpetuals.perpetual) = 1
),

-- of several contracts of one coin the newest
tokens as (
    select *
    from {{ ref('int_token_identity') }}
    qualify row_number() over (partition by coin_id order by valid_to desc, valid_from desc, contract asc) = 1
),

identities as (
    select
        coin_id,
        symbol,
        name
    from coins
    union all
    select
        newest_caps.coin_id,
        newest_caps.symbol,
        newest_caps.name
    from newest_caps
    anti join coins on newest_caps.coin_id = coins.coin_id
)

select
    identities.coin_id,
    identities.symbol,
    identities.name,
    coalesce(exclusions.asset_class, 'coin') as asset_class,
    exclusions.reason as exclusion_reason,
    newest_caps.date as cap_date,
    cast(newest_caps.cap_rank as bigint) as cap_rank,
    newest_caps.cap_tier,
    newest_caps.market_cap_usd,
    newest_caps.provider as cap_provider,
    perpetuals.perpetual is not null as has_perpetual,
    perpetuals.perpetual,
    tokens.contract as token_contract,
    coalesce(tokens.coverage, 'none') as netflow_coverage,
    tokens.valid_from,
    tokens.valid_to,
    night.night
from identities
cross join night
left join {{ ref('exclusions') }} as exclusions on identities.coin_id = exclusions.coin_id
left join newest_caps on identities.coin_id = newest_caps.coin_id
left join perpetuals on identities.coin_id = perpetuals.coin_id
left join tokens on identities.coin_id = tokens.coin_id
