-- Grain: date, exchange, symbol. The states are computed once, in int_netflow_states.
select
    date,
    exchange,
    symbol,
    coin_id,
    contract,
    netflow_native,
    netflow_bp_supply,
    z_score,
    ema7_z,
    sum14_bp,
    state,
    state_reason,
    days_in_state,
    coverage,
    params_hash
from {{ ref('int_netflow_states') }}
