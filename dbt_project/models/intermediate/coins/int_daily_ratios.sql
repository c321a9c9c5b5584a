-- Grain: date, perpetual, ratio_kind. The mean of the day's five-minute ratios; the four kinds are never blended.
-- The mean is exact arithmetic on twelve decimals, so that it does not depend on the order of rows.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date',
    on_schema_change='fail',
    tags=['heavy']
) }}

{% set inputs %}
    select file_date as date, _batch_id from {{ ref('stg_binance_vision__metric_files') }}
{% endset %}
{% set dates = touched_dates(inputs, params_hash('ratios')) %}

with metrics as (
    select * from {{ ref('stg_binance_vision__metrics') }}
    where {{ on_dates('file_date', dates) }}
),

perpetuals as (
    select * from {{ ref('perpetuals') }}
),

newest as (
    select
        file_date,
        max(_batch_id) as _batch_id
    from {{ ref('stg_binance_vision__metric_files') }}
    group by file_date
),

{% set kinds = ['global_account', 'top_account', 'top_position', 'taker_volume'] %}
days as (
    select
        perpetual,
        file_date,
        {% for kind in kinds -%}
            sum(try_cast({{ kind }}_ratio as decimal(18, 12))) as {{ kind }}_sum,
            count(try_cast({{ kind }}_ratio as decimal(18, 12))) as {{ kind }}_n,
        {% endfor -%}
        max(open_interest_usd) as peak_open_interest_usd
    from metrics
    group by perpetual, file_date
),

long as (
    {% for kind in kinds -%}
        select
            file_date,
            perpetual,
            '{{ kind }}' as ratio_kind,
            cast({{ kind }}_sum as double) / {{ kind }}_n as ratio,
            {{ kind }}_n as n_samples
        from days
        where {{ kind }}_n > 0
        {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    long.file_date as date,
    long.perpetual,
    perpetuals.coin_id,
    long.ratio_kind,
    long.ratio,
    ln(long.ratio) as log_ratio,
    long.n_samples,
    least(long.n_samples / 288.0, 1.0) as coverage,
    long.n_samples >= {{ var('ratios')['min_samples'] }} as is_sufficient,
    newest._batch_id,
    '{{ params_hash("ratios") }}' as params_hash
from long
inner join newest on long.file_date = newest.file_date
left join perpetuals
    on
        long.perpetual = perpetuals.perpetual
        and long.file_date >= coalesce(perpetuals.valid_from, date '1970-01-01')
        and long.file_date < coalesce(perpetuals.valid_to, date '9999-12-31')
