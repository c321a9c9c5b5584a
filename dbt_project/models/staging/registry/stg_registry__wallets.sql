-- Grain: chain, address. The labels of the lists in force. Where several have an address the project's own counts, then
-- the operator's, then what the exchange itself publishes.
with versions as (
    {{ latest_versions('registry_wallets', ['origin', 'version', 'chain', 'address']) }}
),

lists as (
    select * from {{ ref('stg_registry__lists') }}
),

labels as (
    select
        versions.chain,
        versions.address,
        versions.exchange,
        versions.label,
        versions.kind,
        versions.source,
        versions.known_from,
        versions.valid_from,
        versions.valid_to,
        versions.origin,
        versions.version,
        lists._batch_id
    from versions
    inner join lists on versions.origin = lists.origin and versions.version = lists.version
    union all
    select
        reserves.chain,
        reserves.address,
        reserves.exchange,
        'proof of reserves' as label,
        'exchange' as kind,
        reserves.source,
        reserves.known_from,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        lists.origin,
        lists.version,
        lists._batch_id
    from {{ ref('stg_binance_reserves__wallets') }} as reserves
    cross join lists
    where lists.origin = 'reserves' and reserves.custodian is null
)

select
    chain,
    address,
    exchange,
    label,
    kind,
    source,
    known_from,
    coalesce(valid_from, date '1970-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    origin,
    version,
    _batch_id
from labels
qualify row_number() over (
    partition by chain, address
    order by list_position(['project', 'operator', 'reserves'], origin)
) = 1
