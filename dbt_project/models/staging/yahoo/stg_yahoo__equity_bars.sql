-- Grain: symbol, session_date. Closes are adjusted for splits and not for dividends; an index has no dividends.
with versions as (
    {{ latest_versions('yahoo_chart', ['symbol', 'session_date']) }}
)

select
    symbol,
    session_date,
    open,
    high,
    low,
    case when close > 0 then close end as close,
    adj_close,
    volume,
    'yahoo' as provider,
    _batch_id,
    _known_at
from versions
where session_date <= cast('{{ var("night") }}' as date)
