-- Grain: contract, settled_at. A day's funding is the sum of its settlements, however many the venue makes.
with versions as (
    {{ latest_versions('okx_funding', ['contract', 'funding_minute']) }}
)

select
    contract,
    funding_minute as settled_at,
    funding_rate,
    'okx' as provider,
    _batch_id,
    _known_at
from versions
