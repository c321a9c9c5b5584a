-- Grain: asset, date, metric.
with versions as (
    {{ latest_versions('inbox_asset_metrics', ['asset', 'date', 'metric']) }}
)

select
    lower(asset) as asset,
    date,
    metric,
    value,
    'inbox' as provider,
    _batch_id,
    _known_at
from versions
where date <= cast('{{ var("night") }}' as date)
