-- Grain: session_date, series, alignment, on every session since the series began. A return needs a price at both ends:
-- a missing price makes two returns null, and nothing is carried forward.
with sessions as (
    select
        session_date,
        is_week_end
    from {{ ref('int_xnys_sessions') }}
),

prices as (
    select * from {{ ref('int_session_prices') }}
),

spans as (
    select
        series,
        alignment,
        min(session_date) as first_session
    from prices
    group by series, alignment
),

on_grid as (
    select
        sessions.session_date,
        sessions.is_week_end,
        spans.series,
        spans.alignment,
        ln(prices.price) as log_price,
        prices.provider
    from sessions
    inner join spans on sessions.session_date >= spans.first_session
    left join prices
        on
            sessions.session_date = prices.session_date
            and spans.series = prices.series
            and spans.alignment = prices.alignment
),

week_returns as (
    select
        session_date,
        series,
        alignment,
        log_price - lag(log_price) over (partition by series, alignment order by session_date) as week_return
    from on_grid
    where is_week_end
)

select
    on_grid.session_date,
    on_grid.series,
    on_grid.alignment,
    on_grid.is_week_end,
    on_grid.log_price,
    on_grid.log_price - lag(on_grid.log_price) over (
        partition by on_grid.series, on_grid.alignment
        order by on_grid.session_date
    ) as log_return,
    week_returns.week_return,
    on_grid.provider
from on_grid
left join week_returns
    on
        on_grid.session_date = week_returns.session_date
        and on_grid.series = week_returns.series
        and on_grid.alignment = week_returns.alignment
