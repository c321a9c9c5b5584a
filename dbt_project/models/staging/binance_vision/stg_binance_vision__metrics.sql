-- Grain: perpetual, file_date, bucket_start. Labels at the end of the five minutes are moved to their start.
with versions as (
    {{ latest_versions('binance_vision_metrics', ['symbol', 'file_date', 'create_time']) }}
)

select
    symbol as perpetual,
    file_date,
    case
        when label_convention = 'end' then create_time - interval 5 minute
        else create_time
    end as bucket_start,
    label_convention,
    case when count_long_short_ratio > 0 then count_long_short_ratio end as global_account_ratio,
    case when count_toptrader_long_short_ratio > 0 then count_toptrader_long_short_ratio end as top_account_ratio,
    case when sum_toptrader_long_short_ratio > 0 then sum_toptrader_long_short_ratio end as top_position_ratio,
    case when sum_taker_long_short_vol_ratio > 0 then sum_taker_long_short_vol_ratio end as taker_volume_ratio,
    case when sum_open_interest > 0 then sum_open_interest end as open_interest,
    case when sum_open_interest_value > 0 then sum_open_interest_value end as open_interest_usd,
    _batch_id,
    _known_at
from versions
