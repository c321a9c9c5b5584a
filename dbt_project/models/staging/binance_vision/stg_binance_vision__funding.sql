-- Grain: contract, settled_at. A delisted perpetual keeps rows of a constant rate after its end: they are cut.
with versions as (
    {{ latest_versions('binance_vision_funding', ['symbol', 'funding_minute']) }}
),

perpetuals as (
    select * from {{ ref('perpetuals') }}
)

select
    versions.symbol as contract,
    versions.funding_minute as settled_at,
    versions.last_funding_rate as funding_rate,
    versions.funding_interval_hours,
    'binance_vision' as provider,
    versions._batch_id,
    versions._known_at
from versions
left join perpetuals on versions.symbol = perpetuals.perpetual
where
    cast(versions.funding_minute at time zone 'UTC' as date)
    < coalesce(perpetuals.valid_to, date '9999-12-31')
