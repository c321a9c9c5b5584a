{#
    The newest version of each key of a raw table that was known at `as_of`, without quarantined rows.
    A quarantined version uncovers the version before it.
#}
{% macro latest_versions(table, key) -%}
    {{ known_versions(table) }}
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by versions._known_at desc, versions._batch_id desc
    ) = 1
{%- endmacro %}

{# Every version that is known and stands, for what asks since when something is so. #}
{% macro known_versions(table) -%}
    select versions.*
    from {{ source('raw', table) }} as versions
    anti join {{ source('quarantine', table) }} as refused
        on versions._batch_id = refused._batch_id and versions._row_hash = refused._row_hash
    where versions._known_at <= cast('{{ var("as_of") }}' as timestamptz)
{%- endmacro %}
