-- Grain: symbol, session_date. One provider's bar for each session: the first of the catalogue's order that has a close.
-- Within one provider a whole bar comes before a close alone.
{% set rule = var('equity_bars') %}
with offered as (
    select
        symbol,
        session_date,
        open,
        high,
        low,
        close,
        adj_close,
        volume,
        provider
    from {{ ref('stg_yahoo__equity_bars') }}
    {% for bars in [ref('stg_cboe__equity_bars'), ref('stg_nasdaq__equity_bars')] %}
        union all
        select
            symbol,
            session_date,
            open,
            high,
            low,
            close,
            cast(null as double) as adj_close,
            volume,
            provider
        from {{ bars }}
    {% endfor %}
    union all
    select
        symbol,
        session_date,
        open,
        high,
        low,
        close,
        adj_close,
        volume,
        provider
    from {{ ref('stg_inbox__equity_bars') }}
    union all
    select
        symbol,
        session_date,
        cast(null as double) as open,
        cast(null as double) as high,
        cast(null as double) as low,
        close,
        cast(null as double) as adj_close,
        cast(null as bigint) as volume,
        provider
    from {{ ref('stg_cboe__index_closes') }}
)

select *
from offered
where close is not null
qualify row_number() over (
    partition by symbol, session_date
    order by list_position(['{{ rule["providers"] | join("', '") }}'], provider), high is null
) = 1
