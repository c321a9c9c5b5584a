-- Grain: date, membership, denominator. The logic is in int_others_btc_cycles.
select
    date,
    membership,
    denominator,
    others_value_usd,
    n_coins,
    ratio,
    support_low,
    support_high,
    support_lows,
    support_since,
    support_touches,
    is_in_support,
    trough_date,
    gain_since_trough,
    provider,
    reason,
    params_hash
from {{ ref('int_others_btc_cycles') }}
