-- Grain: session_date, equity_symbol, crypto_series, window_sessions, method. A session is copied anew when its inputs
-- or parameters are not the stored ones.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='session_date',
    on_schema_change='fail'
) }}

with computed as (
    select * from {{ ref('int_equity_crypto_correlation') }}
)

select
    computed.session_date,
    computed.equity_symbol,
    computed.crypto_series,
    computed.window_sessions,
    computed.method,
    computed.correlation,
    computed.ci_low,
    computed.ci_high,
    computed.n,
    computed.n_eff,
    computed.partial_correlation,
    computed.incremental_r2,
    computed.bootstrap_low,
    computed.bootstrap_high,
    computed.bootstrap_block,
    computed.volatility_adjusted,
    computed.variance_ratio,
    computed.alignment,
    computed.reason,
    computed.provider,
    computed.inputs_hash,
    computed.params_hash
from computed
{% if is_incremental() %}
    anti join {{ this }} as stored
        on
            computed.session_date = stored.session_date
            and computed.inputs_hash = stored.inputs_hash
            and computed.params_hash = stored.params_hash
{% endif %}
