{#
    What staging makes of tables that providers fill alike. `versions` is `latest_versions` of the raw table.
#}

{# Daily flows, a column a metric. `token` is the provider's name of the column; a metric that was not given is null. #}
{% macro daily_flows(versions, token, metrics, provider) -%}
with versions as (
    {{ versions }}
)

select
    date,
    exchange,
    {{ token }} as symbol,
    {% for metric in metrics -%}
        max(value) filter (where metric = '{{ metric }}') as {{ metric }},
    {% endfor -%}
    '{{ provider }}' as provider,
    max(_batch_id) as _batch_id,
    max(_known_at) as _known_at
from versions
where date <= cast('{{ var("night") }}' as date)
group by date, exchange, {{ token }}
{%- endmacro %}

{# Sessions of a provider's dataset (bars, or closes alone) under our symbols; `names` is equity_symbols. #}
{% macro equity_sessions(versions, names, provider, dataset) -%}
with versions as (
    {{ versions }}
),

symbols as (
    select
        symbol,
        provider_symbol
    from {{ names }}
    where provider = '{{ provider }}' and dataset = '{{ dataset }}'
)

select
    symbols.symbol,
    versions.session_date,
    {% if dataset == 'bars' -%}
        versions.open,
        versions.high,
        versions.low,
    {% endif -%}
    case when versions.close > 0 then versions.close end as close,
    {% if dataset == 'bars' -%}
        cast(versions.volume as bigint) as volume,
    {% endif -%}
    '{{ provider }}' as provider,
    versions._batch_id,
    versions._known_at
from versions
left join symbols on versions.symbol = symbols.provider_symbol
where versions.session_date <= cast('{{ var("night") }}' as date)
{%- endmacro %}

{# Token transfers. #}
{% macro token_transfers(versions) -%}
with versions as (
    {{ versions }}
)

select
    transaction_hash,
    log_index,
    block_number,
    lower(contract) as contract,
    lower(from_address) as from_address,
    lower(to_address) as to_address,
    value_raw,
    _batch_id,
    _known_at
from versions
{%- endmacro %}

{# What was asked of the chain and answered, so that no transfers differs from not fetched. #}
{% macro asked_ranges(versions) -%}
with versions as (
    {{ versions }}
)

select
    day,
    leg,
    lower(contract) as contract,
    from_block,
    to_block,
    wallet_set,
    logs,
    _batch_id,
    _known_at
from versions
{%- endmacro %}
