-- Grain: asset, date, metric.
with versions as (
    {{ latest_versions('coinmetrics_asset_metrics', ['asset', 'date', 'metric']) }}
)

select
    lower(asset) as asset,
    date,
    metric,
    value,
    status,
    _batch_id,
    _known_at
from versions
