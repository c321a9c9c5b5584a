-- Grain: chain, address. What Binance publishes of its own wallets on Ethereum, known from the day on which it was first
-- read so: an address once published stays, whoever holds it later. The contract of a token is no wallet: whoever sends
-- it tokens has lost them.
with versions as (
    {{ known_versions('binance_reserves_addresses') }}
)

select
    'ethereum' as chain,
    address,
    'binance' as exchange,
    custodian,
    'binance-proof-of-reserves' as source,
    cast(_known_at at time zone 'UTC' as date) as known_from,
    _batch_id,
    _known_at
from versions
where network = 'ETH' and address not in (select lower(contract) from {{ ref('tokens') }})
qualify row_number() over (
    partition by address
    order by custodian is not null, _known_at, _batch_id
) = 1
