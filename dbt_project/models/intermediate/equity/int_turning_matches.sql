-- Grain: as_of_date, equity_symbol, crypto_series, k_sessions, tolerance_sessions, equity_date.
{{ config(materialized='view') }}

with pairs as (
    select
        as_of_date,
        equity_symbol,
        crypto_series,
        k_sessions,
        tolerance_sessions,
        unnest(matched_pivots) as pair
    from {{ ref('int_turning_points') }}
)

select
    pairs.as_of_date,
    pairs.equity_symbol,
    pairs.crypto_series,
    pairs.k_sessions,
    pairs.tolerance_sessions,
    pairs.pair.equity_date,
    pairs.pair.crypto_date,
    pairs.pair.kind,
    pairs.pair.lead_sessions,
    pairs.pair.confirmed_date
from pairs
