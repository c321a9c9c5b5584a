-- Grain: session_date, series, alignment. What each series cost at the close of each session.
-- session_close: the last hourly bar that had closed at the session's close, and not long before it.
-- utc_close: the close of the UTC day of the session, hours later; all there is for market caps.
{% set rule = var('session_prices') %}
with sessions as (
    select
        session_date,
        close_at
    from {{ ref('int_xnys_sessions') }}
),

bitcoin as (
    select
        bar_interval,
        open_time,
        close_at,
        close,
        provider
    from {{ ref('stg_binance_vision__spot_bars') }}
    where symbol = '{{ rule["btc_symbol"] }}' and close is not null
),

bitcoin_at_close as (
    select
        sessions.session_date,
        max_by(bitcoin.close, bitcoin.close_at) as price,
        max(bitcoin.close_at) as priced_at,
        max(bitcoin.provider) as provider
    from sessions
    inner join bitcoin
        on
            sessions.close_at >= bitcoin.close_at
            and sessions.close_at - interval {{ rule['max_age_hours'] }} hour < bitcoin.close_at
    where bitcoin.bar_interval = '1h'
    group by sessions.session_date
),

-- The UTC day of a session, and the instant that ends it.
utc_days as (
    select
        session_date,
        cast(session_date as timestamptz) as day_start,
        cast(session_date + 1 as timestamptz) as day_end
    from sessions
)

select
    bars.session_date,
    bars.symbol as series,
    'session_close' as alignment,
    bars.close as price,
    sessions.close_at as priced_at,
    bars.provider
from {{ ref('int_equity_bars') }} as bars
inner join sessions on bars.session_date = sessions.session_date
where bars.close is not null

union all

select
    session_date,
    'btc' as series,
    'session_close' as alignment,
    price,
    priced_at,
    provider
from bitcoin_at_close

union all

select
    utc_days.session_date,
    'btc' as series,
    'utc_close' as alignment,
    bitcoin.close as price,
    bitcoin.close_at as priced_at,
    bitcoin.provider
from utc_days
inner join bitcoin on utc_days.day_start = bitcoin.open_time and bitcoin.bar_interval = '1d'

{% for series in ['total_cap', 'total_ex_btc'] %}
    union all

    select
        utc_days.session_date,
        '{{ series }}' as series,
        'utc_close' as alignment,
        caps.{{ series }}_usd as price,
        utc_days.day_end as priced_at,
        caps.provider
    from utc_days
    inner join {{ ref('int_total_cap_daily') }} as caps on utc_days.session_date = caps.date
    where caps.{{ series }}_usd is not null
{% endfor %}
