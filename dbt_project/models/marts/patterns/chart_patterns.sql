-- Grain: symbol, bar_interval, head_date. The logic is in int_chart_patterns.
select
    symbol,
    bar_interval,
    head_date,
    'inverse_head_and_shoulders' as pattern,
    {% for k in range(1, 6) -%}
        e{{ k }}_date,
        e{{ k }}_close,
    {% endfor -%}
    bandwidth_bars,
    confirmed_date,
    confirmed_at,
    status,
    breakout_date,
    target,
    target_date,
    failed_date,
    params_hash
from {{ ref('int_chart_patterns') }}
