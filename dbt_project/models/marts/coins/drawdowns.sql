-- Grain: date, cap_tier, universe.
select
    date,
    cap_tier,
    universe,
    n,
    n_dead,
    n_short_history,
    share_80_to_90,
    share_above_80,
    drawdown_p10,
    drawdown_p25,
    drawdown_p50,
    drawdown_p75,
    drawdown_p90,
    history_from,
    history_days_median,
    price_date,
    reason,
    params_hash
from {{ ref('int_drawdowns') }}
