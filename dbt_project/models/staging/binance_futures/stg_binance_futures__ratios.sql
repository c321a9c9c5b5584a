-- Grain: contract, ratio_kind, labelled_at. Labels at the end of the five minutes name a bucket that began before them.
with versions as (
    {{ latest_versions('binance_futures_ratios', ['symbol', 'ratio_kind', 'period', 'timestamp']) }}
)

select
    symbol as contract,
    ratio_kind,
    timestamp as labelled_at,
    (timestamp at time zone 'UTC') - case
        when label_convention = 'end' then interval 5 minute
        else interval 0 minute
    end as bucket_start,
    cast(bucket_start as date) as date,
    case when ratio > 0 then ratio end as ratio,
    'binance_futures' as provider,
    _batch_id,
    _known_at
from versions
