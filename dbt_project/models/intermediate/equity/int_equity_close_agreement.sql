-- Grain: symbol, session_date, check_provider. The close that is used beside what every other provider says of it.
{{ config(materialized='view') }}

{% set rule = var('equity_bars') %}
with offered as (
{% for model in [
    'stg_yahoo__equity_bars', 'stg_cboe__equity_bars', 'stg_cboe__index_closes', 'stg_nasdaq__equity_bars',
    'stg_fred__index_closes'
] %}
        select
            symbol,
            session_date,
            close,
            provider
        from {{ ref(model) }}
        where close is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- one provider may give a close twice, in a bar and alone: the one further from the close in use counts
compared as (
    select
        used.symbol,
        used.session_date,
        offered.provider as check_provider,
        used.provider,
        used.close,
        max_by(offered.close, abs(offered.close - used.close)) as check_close
    from {{ ref('int_equity_bars') }} as used
    inner join offered
        on used.symbol = offered.symbol and used.session_date = offered.session_date
    where used.provider <> offered.provider
    group by used.symbol, used.session_date, offered.provider, used.provider, used.close
)

select
    *,
    round(abs(round(close, 2) - round(check_close, 2)), 2) as difference,
    round(abs(round(close, 2) - round(check_close, 2)), 2) <= {{ rule['close_tolerance'] }} as agrees,
    '{{ params_hash("equity_bars") }}' as params_hash
from compared
