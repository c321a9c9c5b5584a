-- Grain: contract, ratio_kind, labelled_at. Takers' volumes become the ratio that other venues give; days are UTC days.
with versions as (
    {{ latest_versions('okx_ratios', ['contract', 'ratio_kind', 'period', 'timestamp']) }}
)

select
    contract,
    ratio_kind,
    timestamp as labelled_at,
    cast(timestamp at time zone 'UTC' as date) as date,
    case
        when ratio_kind = 'taker_volume' and buy_volume_usd > 0 and sell_volume_usd > 0
            then buy_volume_usd / sell_volume_usd
        when ratio_kind <> 'taker_volume' and ratio > 0 then ratio
    end as ratio,
    'okx' as provider,
    _batch_id,
    _known_at
from versions
