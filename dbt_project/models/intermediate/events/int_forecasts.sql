-- Grain: forecast_id. Forecasts of others, and the targets of our own chart patterns: these have a horizon and can be
-- scored. A night knows the ones made by then.
select
    forecast_id,
    made_at,
    source,
    asset,
    statement,
    target_return,
    horizon_days
from {{ ref('forecasts') }}
where cast(made_at at time zone 'UTC' as date) <= cast('{{ var("night") }}' as date)

union all

select
    'pattern-' || patterns.symbol || '-' || patterns.head_date as forecast_id,
    sessions.close_at as made_at,
    'target of an inverse head and shoulders in chart_patterns' as source,
    patterns.symbol as asset,
    'the close reaches ' || round(patterns.target, 2) as statement,
    patterns.target / prices.price - 1 as target_return,
    {{ var('forecast_ledger')['pattern_horizon_days'] }} as horizon_days
from {{ ref('int_chart_patterns') }} as patterns
inner join {{ ref('int_session_prices') }} as prices
    on
        patterns.breakout_date = prices.session_date
        and patterns.symbol = prices.series
        and prices.alignment = 'session_close'
inner join {{ ref('int_xnys_sessions') }} as sessions on patterns.breakout_date = sessions.session_date
-- A target that the breakout itself has reached forecasts nothing.
where patterns.symbol = '^RUT' and patterns.bar_interval = 'daily' and patterns.target > prices.price
