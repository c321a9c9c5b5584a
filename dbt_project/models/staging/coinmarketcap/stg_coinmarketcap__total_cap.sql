-- Grain: date. The total at the close of each UTC day, and what is left of it without the ten largest coins of that day's
-- listing: unknown where one of the ten ranks was dropped from it, because the rows are not replaced.
with versions as (
    {{ latest_versions('coinmarketcap_total', ['date']) }}
),

listed as (
    {{ latest_versions('coinmarketcap_listings', ['date', 'cmc_id']) }}
),

ten_largest as (
    select
        date,
        sum(market_cap_usd order by cmc_rank) as market_cap_usd
    from listed
    where cmc_rank <= 10 and market_cap_usd > 0
    group by date
    having count(distinct cmc_rank) = 10 and count(*) = 10
)

select
    versions.date,
    case when versions.total_market_cap_usd > 0 then versions.total_market_cap_usd end as total_cap_usd,
    versions.btc_dominance_pct,
    versions.altcoin_market_cap_usd as altcoin_cap_usd,
    case
        when versions.total_market_cap_usd > ten_largest.market_cap_usd
            then versions.total_market_cap_usd - ten_largest.market_cap_usd
    end as others_cap_usd,
    versions.quoted_at,
    'coinmarketcap' as provider,
    versions._batch_id,
    versions._known_at
from versions
left join ten_largest on versions.date = ten_largest.date
where versions.date <= cast('{{ var("night") }}' as date)
