-- Grain: date. Total crypto market cap from one provider for the whole series: the one with most days in the last year
-- before the night, then most days at all, then the order of preference. Providers count different coins, so a series
-- spliced from two would have a jump that no market made.
{% set rule = var('total_cap') %}
with candidates as (
    select
        date,
        total_cap_usd,
        btc_dominance_pct,
        provider
    from {{ ref('stg_coinmarketcap__total_cap') }}
    where total_cap_usd is not null
    union all
    select
        snapshot_date as date,
        total_cap_usd,
        btc_dominance_pct,
        provider
    from {{ ref('stg_coingecko__global') }}
    where total_cap_usd is not null
),

coverage as (
    select
        provider,
        count(*) as days,
        count(*) filter (
            where date > cast('{{ var("night") }}' as date) - {{ rule['recent_days'] }}
        ) as recent_days
    from candidates
    group by provider
),

chosen as (
    select provider
    from coverage
    order by
        recent_days desc,
        days desc,
        list_position({{ rule['providers'] }}, provider)
    limit 1
)

select
    candidates.date,
    candidates.total_cap_usd,
    candidates.btc_dominance_pct,
    candidates.total_cap_usd * (1 - candidates.btc_dominance_pct / 100) as total_ex_btc_usd,
    candidates.provider
from candidates
inner join chosen on candidates.provider = chosen.provider
