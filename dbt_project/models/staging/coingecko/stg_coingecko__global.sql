-- Grain: snapshot_date. The total at the moment of asking, which is the morning after the day it is dated by.
with versions as (
    {{ latest_versions('coingecko_global', ['snapshot_date']) }}
)

select
    snapshot_date,
    case when total_market_cap_usd > 0 then total_market_cap_usd end as total_cap_usd,
    btc_dominance_pct,
    active_cryptocurrencies,
    updated_at,
    'coingecko' as provider,
    _batch_id,
    _known_at
from versions
where snapshot_date <= cast('{{ var("night") }}' as date)
