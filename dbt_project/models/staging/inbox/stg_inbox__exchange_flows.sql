-- Grain: date, exchange, symbol. A metric that the file does not have is null.
with versions as (
    {{ latest_versions('inbox_exchange_flows', ['token', 'exchange', 'metric', 'date']) }}
)

select
    date,
    exchange,
    upper(token) as symbol,
    max(value) filter (where metric = 'inflow') as inflow,
    max(value) filter (where metric = 'outflow') as outflow,
    max(value) filter (where metric = 'netflow') as netflow,
    max(value) filter (where metric = 'reserve') as reserve,
    'inbox' as provider,
    max(_batch_id) as _batch_id,
    max(_known_at) as _known_at
from versions
where date <= cast('{{ var("night") }}' as date)
group by date, exchange, token
