-- Grain: date. The total at the close of each UTC day.
with versions as (
    {{ latest_versions('coinmarketcap_total', ['date']) }}
)

select
    date,
    case when total_market_cap_usd > 0 then total_market_cap_usd end as total_cap_usd,
    btc_dominance_pct,
    altcoin_market_cap_usd as altcoin_cap_usd,
    quoted_at,
    'coinmarketcap' as provider,
    _batch_id,
    _known_at
from versions
where date <= cast('{{ var("night") }}' as date)
