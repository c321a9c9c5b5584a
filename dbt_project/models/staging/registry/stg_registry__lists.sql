-- Grain: origin. The version of each list in force at the vintage, and since when: a list may go back to an old version.
-- What an exchange publishes of its own wallets is a list that only grows.
with reads as (
    {{ latest_versions('registry_versions', ['origin', 'read_at']) }}
),

marked as (
    select
        *,
        coalesce(lag(version) over (partition by origin order by read_at) <> version, true) as is_change
    from reads
)

select
    origin,
    max_by(version, read_at) as version,
    max_by(wallets, read_at) as wallets,
    max(read_at) filter (where is_change) as in_force_since,
    max(_batch_id) filter (where is_change) as _batch_id,
    max(_known_at) filter (where is_change) as _known_at
from marked
group by origin
union all
select
    'reserves' as origin,
    md5(string_agg(address, ',' order by address)) as version,
    count(*) as wallets,
    max(_known_at) as in_force_since,
    max(_batch_id) as _batch_id,
    max(_known_at) as _known_at
from {{ ref('stg_binance_reserves__wallets') }}
where custodian is null
having count(*) > 0
