-- Grain: as_of_date, equity_symbol, crypto_series, k_sessions, tolerance_sessions. A date is copied anew when its inputs or
-- parameters are not the stored ones.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    on_schema_change='fail'
) }}

with computed as (
    select * from {{ ref('int_turning_points') }}
)

select
    computed.as_of_date,
    computed.equity_symbol,
    computed.crypto_series,
    computed.k_sessions,
    computed.tolerance_sessions,
    computed.equity_pivots,
    computed.crypto_pivots,
    computed.n,
    computed.matches,
    computed.match_share,
    computed.null_share_mean,
    computed.null_share_p95,
    computed.p_value,
    computed.leads,
    computed.lead_median,
    computed.concordance,
    computed.concordance_expected,
    computed.concordance_p,
    computed.concordance_hac_p,
    computed.concordance_sessions,
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
