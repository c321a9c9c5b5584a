-- Grain: date, cap_tier, universe. Altcoins with a long enough history; "all" holds those without a tier, too.
{% set rule = var('drawdowns') %}
with coins as (
    select
        *,
        history_days >= {{ rule['min_history_days'] }} as is_long_enough
    from {{ ref('int_coin_drawdowns') }}
    where coin_id <> 'bitcoin' and state in ('listed', 'dead')
),

in_tiers as (
    select
        coins.*,
        tiers.cap_tier as group_tier
    from coins
    cross join (select unnest(['all', 'mega', 'large', 'mid', 'small', 'micro']) as cap_tier) as tiers
    where tiers.cap_tier in ('all', coins.cap_tier)
),

in_universes as (
    select
        in_tiers.*,
        universes.universe
    from in_tiers
    cross join (select unnest(['with_dead', 'survivors']) as universe) as universes
    where universes.universe = 'with_dead' or in_tiers.state = 'listed'
)

select
    date,
    group_tier as cap_tier,
    universe,
    count(*) filter (where is_long_enough) as n,
    count(*) filter (where is_long_enough and state = 'dead') as n_dead,
    count(*) filter (where not is_long_enough) as n_short_history,
    avg(cast(drawdown between {{ rule['low'] }} and {{ rule['high'] }} as int)) filter (
        where is_long_enough
    ) as share_80_to_90,
    avg(cast(drawdown > {{ rule['low'] }} as int)) filter (where is_long_enough) as share_above_80,
    {% for percent in [10, 25, 50, 75, 90] -%}
        quantile_cont(drawdown, {{ percent / 100 }}) filter (where is_long_enough) as drawdown_p{{ percent }},
    {% endfor -%}
    min(history_from) filter (where is_long_enough) as history_from,
    median(history_days) filter (where is_long_enough) as history_days_median,
    max(price_date) as price_date,
    case
        when count(*) filter (where is_long_enough) = 0
            then 'no coin with {{ rule["min_history_days"] }} days of prices'
        else ''
    end as reason,
    max(params_hash) as params_hash
from in_universes
group by date, group_tier, universe
