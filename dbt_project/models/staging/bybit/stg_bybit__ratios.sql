-- Grain: contract, ratio_kind, labelled_at. Shares of accounts become the ratio that other venues give.
with versions as (
    {{ latest_versions('bybit_account_ratio', ['contract', 'period', 'timestamp']) }}
)

select
    contract,
    'global_account' as ratio_kind,
    timestamp as labelled_at,
    cast(timestamp at time zone 'UTC' as date) as date,
    case when buy_ratio > 0 and sell_ratio > 0 then buy_ratio / sell_ratio end as ratio,
    'bybit' as provider,
    _batch_id,
    _known_at
from versions
