{# A short hash of a group of vars: rows computed with other thresholds are told apart, and computed anew. #}
{% macro params_hash(group) -%}
    {{ return(local_md5(tojson(var(group), sort_keys=true))) }}
{%- endmacro %}

{#
    The dates an incremental model computes in this run: new ones, ones touched by a batch newer than the stored rows,
    and ones stored under other parameters. `inputs` is SQL giving (date, _batch_id). None means all dates.
    Dates are literals, so that the engine reads only them below the window functions of staging.
#}
{% macro touched_dates(inputs, hash) -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set query -%}
        with newest as (
            select inputs.date, max(inputs._batch_id) as _batch_id
            from ({{ inputs }}) as inputs
            group by inputs.date
        ),
        stored as (
            select date, max(_batch_id) as _batch_id, max(params_hash) as params_hash
            from {{ this }}
            group by date
        )
        select cast(newest.date as varchar)
        from newest
        left join stored on newest.date = stored.date
        where stored.date is null
            or stored._batch_id < newest._batch_id
            or stored.params_hash <> '{{ hash }}'
        order by newest.date
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

{# The dates that a small relation has in the last `days` days of the night: what a larger one is read for. #}
{% macro recent_dates(relation, days) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select distinct cast(date as varchar) from {{ relation }}
        where date > cast('{{ var("night") }}' as date) - {{ days }}
        order by all
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

{# The filter that goes with touched_dates and recent_dates. #}
{% macro on_dates(column, dates) -%}
    {%- if dates is none -%}
        true
    {%- elif not dates -%}
        false
    {%- else -%}
        {{ column }} in (date '{{ dates | join("', date '") }}')
    {%- endif -%}
{%- endmacro %}
