-- Grain: membership, denominator, min_amplitude, min_days, trough_date. The logic is in int_others_btc_cycle_gains.
select
    membership,
    denominator,
    min_amplitude,
    min_days,
    trough_date,
    peak_date,
    trough_confirmed_date,
    peak_confirmed_date,
    gain,
    is_main_rule,
    params_hash
from {{ ref('int_others_btc_cycle_gains') }}
