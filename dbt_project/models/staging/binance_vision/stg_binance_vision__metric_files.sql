-- Grain: perpetual, file_date. Which files are there and how new, without touching their five-minute rows' versions.
select
    symbol as perpetual,
    file_date,
    max(_batch_id) as _batch_id,
    max(_known_at) as _known_at
from {{ source('raw', 'binance_vision_metrics') }}
where _known_at <= cast('{{ var("as_of") }}' as timestamptz)
group by symbol, file_date
