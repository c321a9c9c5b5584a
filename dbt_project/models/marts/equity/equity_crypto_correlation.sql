-- Grain: session_date, equity_symbol, crypto_series, window_sessions, method. The logic is in
-- int_equity_crypto_correlation.
with correlations as (
    select
        *,
        {{ is_sampled(ref('int_equity_crypto_correlation'), 'session_date') }} as is_sampled
    from {{ ref('int_equity_crypto_correlation') }}
)

select
    session_date,
    equity_symbol,
    crypto_series,
    window_sessions,
    method,
    correlation,
    ci_low,
    ci_high,
    n,
    n_eff,
    partial_correlation,
    incremental_r2,
    case when is_sampled then bootstrap_low end as bootstrap_low,
    case when is_sampled then bootstrap_high end as bootstrap_high,
    case when is_sampled then bootstrap_block end as bootstrap_block,
    volatility_adjusted,
    variance_ratio,
    alignment,
    reason,
    provider,
    inputs_hash,
    params_hash
from correlations
