-- Grain: snapshot_date, coin_id. A market cap of zero stands for an unknown supply.
with versions as (
    {{ latest_versions('coingecko_markets', ['snapshot_date', 'coin_id']) }}
)

select
    snapshot_date,
    coin_id,
    upper(symbol) as symbol,
    name,
    case when current_price > 0 then current_price end as price_usd,
    case when market_cap > 0 then market_cap end as market_cap_usd,
    market_cap_rank,
    case when circulating_supply > 0 then circulating_supply end as circulating_supply,
    total_volume as volume_usd,
    last_updated as updated_at,
    _batch_id,
    _known_at
from versions
