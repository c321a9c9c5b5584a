-- Grain: chain, address. The labels of the lists in force; where both have an address, the project's own counts.
with versions as (
    {{ latest_versions('registry_wallets', ['origin', 'version', 'chain', 'address']) }}
),

lists as (
    select * from {{ ref('stg_registry__lists') }}
)

select
    versions.chain,
    versions.address,
    versions.exchange,
    versions.label,
    versions.kind,
    versions.source,
    versions.known_from,
    coalesce(versions.valid_from, date '1970-01-01') as valid_from,
    coalesce(versions.valid_to, date '9999-12-31') as valid_to,
    versions.origin,
    versions.version,
    lists._batch_id
from versions
inner join lists on versions.origin = lists.origin and versions.version = lists.version
qualify row_number() over (
    partition by versions.chain, versions.address
    order by versions.origin <> 'project'
) = 1
