-- Grain: symbol, bar_interval, open_time. A bar is known when it has closed: close_at is its open time plus its length.
with versions as (
    {{ latest_versions('binance_vision_klines', ['symbol', 'interval', 'open_time']) }}
),

typed as (
    select
        versions.symbol,
        versions.interval as bar_interval,
        versions.open_time,
        versions.open_time + case versions.interval when '1h' then interval 1 hour else interval 1 day end as close_at,
        versions.open,
        versions.high,
        versions.low,
        case when versions.close > 0 then versions.close end as close,
        versions.volume,
        versions.quote_volume as volume_usd,
        versions.trades,
        'binance_vision' as provider,
        versions._batch_id,
        versions._known_at
    from versions
    where versions.interval in ('1h', '1d')
)

select *
from typed
where close_at <= cast(cast('{{ var("night") }}' as date) + 1 as timestamptz)
