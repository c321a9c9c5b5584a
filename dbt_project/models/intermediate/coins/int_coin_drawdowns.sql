-- Grain: date, coin_id. How far each coin is below its highest daily price so far, on the last priced day of each month: a
-- coin that is gone keeps its last price, so that the dead stay in the sample.
{{ config(materialized='table') }}

{% set rule = var('drawdowns') %}
with prices as (
    select
        date,
        coin_id,
        price_usd,
        cap_tier,
        provider
    from {{ ref('int_coin_caps') }}
    where asset_class = 'coin' and price_usd > 0
),

-- Spot closes reach back further than caps do. A spot pair has the name of the coin's perpetual.
spot as (
    select
        cast(bars.open_time at time zone 'UTC' as date) as date,
        perpetuals.coin_id,
        bars.close as price_usd,
        cast(null as varchar) as cap_tier,
        bars.provider
    from {{ ref('stg_binance_vision__spot_bars') }} as bars
    inner join {{ ref('perpetuals') }} as perpetuals
        on
            bars.symbol = perpetuals.perpetual
            and perpetuals.coins_per_contract = 1
            and cast(bars.open_time at time zone 'UTC' as date) >= coalesce(perpetuals.valid_from, date '1970-01-01')
            and cast(bars.open_time at time zone 'UTC' as date) < coalesce(perpetuals.valid_to, date '9999-12-31')
    where bars.bar_interval = '1d' and bars.close > 0
),

together as (
    select
        prices.*,
        1 as preference
    from prices
    union all
    select
        spot.*,
        2 as preference
    from spot
),

-- A renamed coin continues the prices of the one before it, in units of the new coin.
adjusted as (
    select
        together.date,
        coalesce(migrations.to_coin_id, together.coin_id) as coin_id,
        together.price_usd / coalesce(migrations.units_per_old, 1) as price_usd,
        together.cap_tier,
        together.provider
    from together
    left join {{ ref('migrations') }} as migrations
        on together.coin_id = migrations.from_coin_id and migrations.kind = 'renamed'
    where migrations.from_coin_id is null or together.date < migrations.migrated_on
    qualify row_number() over (
        partition by together.date, coalesce(migrations.to_coin_id, together.coin_id)
        order by migrations.from_coin_id is not null desc, together.preference asc, together.coin_id asc
    ) = 1
),

running as (
    select
        date,
        coin_id,
        price_usd,
        cap_tier,
        provider,
        min(date) over past as first_date,
        max(price_usd) over past as peak_usd,
        arg_max(date, price_usd) over past as peak_date
    from adjusted
    window past as (partition by coin_id order by date rows between unbounded preceding and current row)
),

days as (
    select max(date) as date
    from prices
    group by date_trunc('month', date)
),

coin_days as (
    select
        days.date,
        coins.coin_id
    from days
    cross join (select distinct running.coin_id from running) as coins
),

-- What is the newest price of each coin on each day, and how far had its provider got by then?
newest as (
    select
        coin_days.date,
        coin_days.coin_id,
        running.date as price_date,
        running.first_date,
        running.price_usd,
        running.peak_usd,
        running.peak_date,
        running.cap_tier,
        running.provider
    from coin_days
    asof inner join running
        on coin_days.coin_id = running.coin_id and coin_days.date >= running.date
),

provider_days as (
    select distinct
        date,
        provider
    from adjusted
),

reached as (
    select
        days.date,
        provider_days.provider,
        max(provider_days.date) as last_date
    from days
    inner join provider_days on days.date >= provider_days.date
    group by days.date, provider_days.provider
)

select
    newest.date,
    newest.coin_id,
    newest.cap_tier,
    newest.price_date,
    newest.price_usd,
    newest.peak_usd,
    newest.peak_date,
    1 - newest.price_usd / newest.peak_usd as drawdown,
    newest.first_date as history_from,
    newest.date - newest.first_date as history_days,
    case
        when newest.date - newest.price_date <= {{ rule['dead_after_days'] }} then 'listed'
        when absorbed.from_coin_id is not null then 'absorbed'
        -- a coin is dead when its provider went on without it; a provider that ended says nothing
        when reached.last_date - newest.price_date > {{ rule['dead_after_days'] }} then 'dead'
        else 'unobserved'
    end as state,
    newest.provider,
    '{{ params_hash("drawdowns") }}' as params_hash
from newest
inner join reached on newest.date = reached.date and newest.provider = reached.provider
left join {{ ref('migrations') }} as absorbed
    on newest.coin_id = absorbed.from_coin_id and absorbed.kind = 'merged' and newest.date >= absorbed.migrated_on
