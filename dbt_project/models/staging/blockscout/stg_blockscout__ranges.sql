-- Grain: day, leg, contract, from_block. What was asked and answered, so that no transfers differs from not fetched.
with versions as (
    {{ latest_versions('blockscout_ranges', ['day', 'leg', 'contract', 'from_block']) }}
)

select
    day,
    leg,
    lower(contract) as contract,
    from_block,
    to_block,
    wallet_set,
    logs,
    _batch_id,
    _known_at
from versions
