-- Grain: transaction_hash, log_index.
with versions as (
    {{ latest_versions('blockscout_transfers', ['transaction_hash', 'log_index']) }}
)

select
    transaction_hash,
    log_index,
    block_number,
    lower(contract) as contract,
    lower(from_address) as from_address,
    lower(to_address) as to_address,
    value_raw,
    _batch_id,
    _known_at
from versions
