-- Grain: contract, settled_at. A day's funding is the sum of its settlements, however many the venue makes.
with versions as (
    {{ latest_versions('binance_futures_funding', ['symbol', 'funding_minute']) }}
)

select
    symbol as contract,
    funding_minute as settled_at,
    funding_rate,
    'binance_futures' as provider,
    _batch_id,
    _known_at
from versions
