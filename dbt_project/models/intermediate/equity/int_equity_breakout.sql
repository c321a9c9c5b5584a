-- Grain: symbol, session_date. A day looks at itself and at what was before it. A symbol's sessions are its own bars.
{% set rule = var('breakout') %}
with bars as (
    select
        symbol,
        session_date,
        close,
        provider,
        row_number() over earlier as session_number,
        min(session_date) over (partition by symbol) as history_from,
        max(close) over (earlier rows between unbounded preceding and 1 preceding) as prior_ath
    from {{ ref('int_equity_bars') }}
    where close is not null
    window earlier as (partition by symbol order by session_date)
),

highs as (
    select
        *,
        -- The first bar is the first high, though nobody knows whether it was one: is_ath says no.
        case when prior_ath is null or close > prior_ath then session_number end as high_number
    from bars
),

counted as (
    select
        *,
        max(high_number) over so_far as last_high_number,
        max(high_number) over (so_far rows between unbounded preceding and 1 preceding) as previous_high_number
    from highs
    window so_far as (partition by symbol order by session_date)
),

year_ends as (
    select
        symbol,
        year(session_date) + 1 as following_year,
        max_by(close, session_date) as year_end_close
    from bars
    group by symbol, year(session_date)
)

select
    counted.symbol,
    counted.session_date,
    counted.close,
    counted.close / year_ends.year_end_close - 1 as ytd_return,
    counted.prior_ath,
    coalesce(counted.close > counted.prior_ath, false) as is_ath,
    coalesce(
        counted.close > counted.prior_ath
        and counted.session_number - counted.previous_high_number >= {{ rule['fresh_after_sessions'] }},
        false
    ) as is_fresh_ath,
    1 - counted.close / greatest(counted.close, coalesce(counted.prior_ath, counted.close)) as drawdown,
    counted.session_number - counted.last_high_number as sessions_since_ath,
    counted.history_from,
    counted.provider,
    '{{ params_hash("breakout") }}' as params_hash
from counted
left join year_ends
    on counted.symbol = year_ends.symbol and year(counted.session_date) = year_ends.following_year
