{#
    The sum of token amounts given as decimal text of 256-bit integers. Amounts up to 33 digits are summed exactly, so that
    the sum does not depend on the order of rows (10^33 base units is a whole SHIB supply; 10^5 of them fit in 128 bits);
    longer ones, which no listed token can hold, are summed as doubles instead of failing.
#}
{% macro sum_uint256(column, condition) -%}
    cast(coalesce(sum(try_cast({{ column }} as hugeint)) filter (
        where {{ condition }} and length({{ column }}) <= 33
    ), 0) as double)
    + coalesce(sum(cast({{ column }} as double)) filter (
        where {{ condition }} and length({{ column }}) > 33
    ), 0.0)
{%- endmacro %}
