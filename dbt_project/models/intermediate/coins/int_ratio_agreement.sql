-- Grain: date, perpetual, ratio_kind. Where Binance gave a day by REST first and in its archive later: do they agree, five
-- minutes by five minutes? Labels that move in one and not in the other show here. Days without both have no row.
{% set kinds = ['global_account', 'top_account', 'top_position', 'taker_volume'] %}
{% set dates = recent_dates(ref('stg_binance_futures__ratios'), var('ratios')['agreement_days']) %}

with archived as (
    {% for kind in kinds -%}
        select
            file_date as date,
            perpetual,
            bucket_start,
            '{{ kind }}' as ratio_kind,
            {{ kind }}_ratio as ratio
        from {{ ref('stg_binance_vision__metrics') }}
        where {{ on_dates('file_date', dates) }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

by_rest as (
    select * from {{ ref('stg_binance_futures__ratios') }}
    where {{ on_dates('date', dates) }}
)

select
    archived.date,
    archived.perpetual,
    archived.ratio_kind,
    count(*) as n_both,
    max(abs(archived.ratio - by_rest.ratio)) as largest_difference,
    max(abs(archived.ratio - by_rest.ratio)) <= {{ var('ratios')['agreement_tolerance'] }} as agrees
from archived
inner join by_rest
    on
        archived.perpetual = by_rest.contract
        and archived.bucket_start = by_rest.bucket_start
        and archived.ratio_kind = by_rest.ratio_kind
where archived.ratio is not null and by_rest.ratio is not null
group by archived.date, archived.perpetual, archived.ratio_kind
