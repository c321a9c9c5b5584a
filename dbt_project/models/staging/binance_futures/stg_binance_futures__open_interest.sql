-- Grain: contract, sampled_at. One side of all positions, as in the archive; zero is a known defect.
with versions as (
    {{ latest_versions('binance_futures_open_interest', ['symbol', 'period', 'timestamp']) }}
)

select
    symbol as contract,
    timestamp as sampled_at,
    case when sum_open_interest > 0 then sum_open_interest end as open_interest,
    case when sum_open_interest_value > 0 then sum_open_interest_value end as open_interest_usd,
    'binance_futures' as provider,
    _batch_id,
    _known_at
from versions
