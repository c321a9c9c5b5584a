-- Grain: as_of_date, equity_symbol, crypto_series, lag_sessions. The logic is in int_equity_crypto_lead_lag.
select
    as_of_date,
    equity_symbol,
    crypto_series,
    lag_sessions,
    correlation,
    band_low,
    band_high,
    p_value,
    n,
    window_from,
    alignment,
    reason,
    provider,
    inputs_hash,
    params_hash
from {{ ref('int_equity_crypto_lead_lag') }}
where {{ is_sampled(ref('int_equity_crypto_lead_lag'), 'as_of_date') }}
