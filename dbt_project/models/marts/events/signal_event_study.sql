-- Grain: evaluation_date, signal, horizon_sessions, model. Earlier evaluations stay as they were published; a night that
-- runs again replaces its own date as a whole.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='evaluation_date',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

select
    evaluation_date,
    signal,
    horizon_sessions,
    model,
    n_events,
    n_measured,
    n_pending,
    mean_car,
    share_positive,
    base_rate,
    base_share_positive,
    p_value,
    p_holm,
    family_tests,
    minimum_detectable,
    first_event,
    last_event,
    reason,
    params_hash
from {{ ref('int_signal_event_study') }}
