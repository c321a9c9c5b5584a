-- Grain: symbol, session_date. Of files in both layouts the one of Yahoo counts, then the one that was dropped last.
-- Stooq's closes of funds are adjusted for dividends: as a close they would make a jump where they fill a gap.
with versions as (
    {{ latest_versions('inbox_equity_bars', ['layout', 'symbol', 'session_date']) }}
),

symbols as (
    select
        symbol,
        provider_symbol
    from {{ ref('equity_symbols') }}
    where provider = 'inbox' and dataset = 'equity_bars'
)

select
    symbols.symbol,
    versions.session_date,
    versions.open,
    versions.high,
    versions.low,
    case when versions.close > 0 and (versions.layout = 'yahoo' or symbols.symbol like '^%') then versions.close end
        as close,
    case when versions.layout = 'stooq' then versions.close else versions.adj_close end as adj_close,
    cast(versions.volume as bigint) as volume,
    versions.layout,
    'inbox' as provider,
    versions._batch_id,
    versions._known_at
from versions
inner join symbols on versions.symbol = symbols.provider_symbol
where versions.session_date <= cast('{{ var("night") }}' as date)
qualify row_number() over (
    partition by symbols.symbol, versions.session_date
    order by versions.layout = 'yahoo' desc, versions._known_at desc, versions._batch_id desc
) = 1
