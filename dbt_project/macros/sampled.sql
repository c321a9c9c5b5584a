{#
    Whether a session is one of those for which costly statistics are taken: the ends of months and the newest session of
    `relation`. What an earlier night took for its own newest session is not shown any more: a mart that kept it could not
    be built again from what was known, and a restated return would never reach it.
#}
{% macro is_sampled(relation, day) -%}
    (
        {{ day }} in (select session_date from {{ ref('int_xnys_sessions') }} where is_month_end)
        or {{ day }} = (select max({{ day }}) from {{ relation }})
    )
{%- endmacro %}
