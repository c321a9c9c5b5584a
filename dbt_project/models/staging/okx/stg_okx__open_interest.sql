-- Grain: contract, sampled_at. Open interest in coins; the venue's contracts are of another size for every swap.
with versions as (
    {{ latest_versions('okx_open_interest', ['contract', 'period', 'timestamp']) }}
)

select
    contract,
    timestamp as sampled_at,
    case when open_interest_coins > 0 then open_interest_coins end as open_interest,
    case when open_interest_usd > 0 then open_interest_usd end as open_interest_usd,
    'okx' as provider,
    _batch_id,
    _known_at
from versions
