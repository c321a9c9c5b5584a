-- Grain: asset, date. The daily levels that forecasts are about.
select
    'total_cap' as asset,
    date,
    total_cap_usd as level
from {{ ref('int_total_cap_daily') }}
where total_cap_usd is not null

union all

select
    'total_ex_btc' as asset,
    date,
    total_ex_btc_usd as level
from {{ ref('int_total_cap_daily') }}
where total_ex_btc_usd is not null

union all

select
    'others_btc' as asset,
    date,
    ratio as level
from {{ ref('int_others_btc') }}
where membership = 'daily_ranks' and denominator = 'btc_price' and ratio is not null

union all

select
    series as asset,
    session_date as date,
    price as level
from {{ ref('int_session_prices') }}
where series = '^RUT' and alignment = 'session_close'
