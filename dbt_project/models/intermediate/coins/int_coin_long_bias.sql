-- Grain: date, coin_id, ratio_kind. The universe of the long-bias questions: a coin whose perpetual has a ratio that day
-- and whose cap is known that day. Of several perpetuals of one coin the best sampled one speaks.
{{ config(materialized='view') }}

with ratios as (
    select * from {{ ref('int_daily_ratios') }}
    where is_sufficient and coin_id is not null
),

caps as (
    select * from {{ ref('int_coin_caps') }}
    where cap_rank is not null
)

select
    ratios.date,
    ratios.coin_id,
    caps.symbol,
    ratios.perpetual,
    ratios.provider,
    ratios.ratio_kind,
    ratios.ratio,
    ratios.log_ratio,
    ratios.n_samples,
    caps.market_cap_usd,
    ln(caps.market_cap_usd) as log_cap,
    caps.cap_rank,
    caps.cap_tier,
    greatest(ratios._batch_id, caps._batch_id) as _batch_id
from ratios
inner join caps on ratios.date = caps.date and ratios.coin_id = caps.coin_id
qualify row_number() over (
    partition by ratios.date, ratios.coin_id, ratios.ratio_kind
    order by ratios.n_samples desc, ratios.perpetual asc
) = 1
