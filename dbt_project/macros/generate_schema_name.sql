{# Schemas are named by layer and by nothing else: readers query marts.claims, not main_marts.claims. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
