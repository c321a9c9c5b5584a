-- noqa: disable=layout.indent
{# Values outside [min_value, max_value]; either bound may be left out. Null is not a value; NaN is never within. #}
{% test within_bounds(model, column_name, min_value=none, max_value=none) %}
    select {{ column_name }} as refused_value
    from {{ model }}
    where
        isnan(cast({{ column_name }} as double))
        {%- if min_value is not none %}
            or {{ column_name }} < {{ min_value }}
        {%- endif %}
        {%- if max_value is not none %}
            or {{ column_name }} > {{ max_value }}
        {%- endif %}
{% endtest %}
