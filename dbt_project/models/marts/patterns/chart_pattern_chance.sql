-- Grain: symbol, bar_interval, as_of_date. The newest whole month; the logic is in int_chart_pattern_chance.
select
    symbol,
    bar_interval,
    as_of_date,
    bars,
    detections,
    detections_per_1000,
    chance_per_1000,
    chance_low,
    chance_high,
    p_value,
    recent_bars,
    recent_breakouts,
    chance_breakouts,
    block_bars,
    reason,
    params_hash
from {{ ref('int_chart_pattern_chance') }}
qualify as_of_date = max(as_of_date) over (partition by symbol, bar_interval)
