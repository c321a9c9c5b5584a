-- noqa: disable=layout.indent
{# Keys that occur more than once, or have a part that is null: a grain says what one row is. #}
{% test unique_grain(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as found_rows
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
            or {{ column }} is null
        {%- endfor %}
{% endtest %}
