-- Grain: as_of_date, equity_symbol, crypto_series, lag_sessions. A date is copied anew when its inputs or parameters are
-- not the stored ones.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    on_schema_change='fail'
) }}

with computed as (
    select * from {{ ref('int_equity_crypto_lead_lag') }}
)

select
    computed.as_of_date,
    computed.equity_symbol,
    computed.crypto_series,
    computed.lag_sessions,
    computed.correlation,
    computed.band_low,
    computed.band_high,
    computed.p_value,
    computed.n,
    computed.window_from,
    computed.alignment,
    computed.reason,
    computed.provider,
    computed.inputs_hash,
    computed.params_hash
from computed
{% if is_incremental() %}
    anti join {{ this }} as stored
        on
            computed.as_of_date = stored.as_of_date
            and computed.inputs_hash = stored.inputs_hash
            and computed.params_hash = stored.params_hash
{% endif %}
