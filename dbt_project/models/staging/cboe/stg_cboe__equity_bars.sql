-- Grain: symbol, session_date. Symbols are ours; the provider's own are in equity_symbols.
with versions as (
    {{ latest_versions('cboe_bars', ['symbol', 'session_date']) }}
),

symbols as (
    select
        symbol,
        provider_symbol
    from {{ ref('equity_symbols') }}
    where provider = 'cboe' and dataset = 'bars'
)

select
    symbols.symbol,
    versions.session_date,
    versions.open,
    versions.high,
    versions.low,
    case when versions.close > 0 then versions.close end as close,
    cast(versions.volume as bigint) as volume,
    'cboe' as provider,
    versions._batch_id,
    versions._known_at
from versions
left join symbols on versions.symbol = symbols.provider_symbol
where versions.session_date <= cast('{{ var("night") }}' as date)
