-- Grain: date, provider, perpetual, ratio_kind. The mean of the day's samples; the four kinds are never blended, nor are two
-- venues: a coin's ratio of a day comes from the first provider in the order of the catalogue that has enough samples.
-- The mean is exact arithmetic on twelve decimals, so that it does not depend on the order of rows.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date',
    on_schema_change='fail',
    tags=['heavy']
) }}

{% set rule = var('ratios') %}
{% set archive, stand_ins = rule['providers'][0], rule['providers'][1:] %}
{% set inputs = ['select file_date as date, _batch_id from ' ~ ref('stg_binance_vision__metric_files')] %}
{% for provider in stand_ins -%}
    {% do inputs.append('select date, _batch_id from ' ~ ref('stg_' ~ provider ~ '__ratios')) %}
{%- endfor %}
{% set inputs = inputs | join(' union all ') %}
{% set dates = touched_dates(inputs, params_hash('ratios')) %}

with metrics as (
    select * from {{ ref('stg_binance_vision__metrics') }}
    where {{ on_dates('file_date', dates) }}
),

perpetuals as (
    select * from {{ ref('perpetuals') }}
),

venue_contracts as (
    select * from {{ ref('venue_contracts') }}
),

newest as (
    select
        inputs.date,
        max(inputs._batch_id) as _batch_id
    from ({{ inputs }}) as inputs
    group by inputs.date
),

{% set kinds = ['global_account', 'top_account', 'top_position', 'taker_volume'] %}
days as (
    select
        {% for kind in kinds -%}
            sum(try_cast({{ kind }}_ratio as decimal(18, 12))) as {{ kind }}_sum,
            count(try_cast({{ kind }}_ratio as decimal(18, 12))) as {{ kind }}_n,
        {% endfor -%}
        perpetual,
        file_date
    from metrics
    group by perpetual, file_date
),

archived as (
    {% for kind in kinds -%}
        select
            file_date as date,
            '{{ archive }}' as provider,
            perpetual as contract,
            '{{ kind }}' as ratio_kind,
            {{ kind }}_sum as ratio_sum,
            {{ kind }}_n as n_samples
        from days
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

stood_in as (
    {% for provider in stand_ins -%}
        select
            date,
            provider,
            contract,
            ratio_kind,
            sum(try_cast(ratio as decimal(18, 12))) as ratio_sum,
            count(try_cast(ratio as decimal(18, 12))) as n_samples
        from {{ ref('stg_' ~ provider ~ '__ratios') }}
        where {{ on_dates('date', dates) }}
        group by date, provider, contract, ratio_kind
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

{# How many samples make a whole day. #}
offered as (
    select
        samples.*,
        coalesce(venue_contracts.perpetual, samples.contract) as perpetual,
        case samples.provider
            {% for provider in rule['providers'] -%}
                when '{{ provider }}' then {{ rule['samples_a_day'][provider] }}
            {% endfor -%}
        end as samples_a_day,
        list_position(['{{ rule["providers"] | join("', '") }}'], samples.provider) as preference
    from (
        select * from archived
        union all
        select * from stood_in
    ) as samples
    left join venue_contracts
        on samples.provider = venue_contracts.venue and samples.contract = venue_contracts.contract
    where samples.n_samples > 0
)

select
    offered.date,
    offered.provider,
    offered.perpetual,
    perpetuals.coin_id,
    offered.ratio_kind,
    cast(offered.ratio_sum as double) / offered.n_samples as ratio,
    ln(cast(offered.ratio_sum as double) / offered.n_samples) as log_ratio,
    offered.n_samples,
    least(offered.n_samples / offered.samples_a_day, 1.0) as coverage,
    offered.n_samples >= {{ rule['min_samples'] }} as is_sufficient,
    newest._batch_id,
    '{{ params_hash("ratios") }}' as params_hash
from offered
inner join newest on offered.date = newest.date
left join perpetuals
    on
        offered.perpetual = perpetuals.perpetual
        and offered.date >= coalesce(perpetuals.valid_from, date '1970-01-01')
        and offered.date < coalesce(perpetuals.valid_to, date '9999-12-31')
qualify offered.provider = first_value(offered.provider) over (
    partition by offered.date, coalesce(perpetuals.coin_id, offered.perpetual), offered.ratio_kind
    order by offered.n_samples >= {{ rule['min_samples'] }} desc, offered.preference asc
)
