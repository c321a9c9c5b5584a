-- Grain: exchange, symbol, enter_z, same_sign_days, min_sum_bp. The logic is in int_netflow_sensitivity.
select
    exchange,
    symbol,
    enter_z,
    same_sign_days,
    min_sum_bp,
    is_main_rule,
    as_of_date,
    state,
    days_judged,
    days_accumulation,
    days_distribution,
    share_as_main_rule,
    params_hash
from {{ ref('int_netflow_sensitivity') }}
