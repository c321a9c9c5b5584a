{# A score between -1 and 1. least and greatest pass over nulls: without the case a missing value would be a full score. #}
{% macro clamped(value) -%}
    case when {{ value }} is not null then greatest(-1.0, least(1.0, {{ value }})) end
{%- endmacro %}
