-- Grain: contract, sampled_at. One side of all positions: the venue's plain figure counts both, old rows have no other.
with versions as (
    {{ latest_versions('bybit_open_interest', ['contract', 'period', 'timestamp']) }}
)

select
    contract,
    timestamp as sampled_at,
    case when open_interest > 0 then coalesce(single_open_interest, open_interest / 2) end as open_interest,
    'bybit' as provider,
    _batch_id,
    _known_at
from versions
