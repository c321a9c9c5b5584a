-- Grain: date, exchange, symbol. A metric that was not given is null.
with versions as (
    {{ latest_versions('cryptoquant_exchange_flows', ['token', 'exchange', 'metric', 'date']) }}
)

select
    date,
    exchange,
    token as symbol,
    max(value) filter (where metric = 'inflow') as inflow,
    max(value) filter (where metric = 'outflow') as outflow,
    max(value) filter (where metric = 'netflow') as netflow,
    max(value) filter (where metric = 'reserve') as reserve,
    'cryptoquant' as provider,
    max(_batch_id) as _batch_id,
    max(_known_at) as _known_at
from versions
where date <= cast('{{ var("night") }}' as date)
group by date, exchange, token
