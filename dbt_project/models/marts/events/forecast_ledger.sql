-- Grain: forecast_id. A forecast without a horizon can never be wrong and is not scored; the others are when they are
-- due, beside how often the asset did the same in as many days before the forecast was made.
with night as (
    select cast('{{ var("night") }}' as date) as night
),

forecasts as (
    select
        *,
        cast(made_at at time zone 'UTC' as date) as made_on,
        cast(made_at at time zone 'UTC' as date) + horizon_days as due_date
    from {{ ref('int_forecasts') }}
),

levels as (
    select * from {{ ref('int_forecast_levels') }}
),

beginnings as (
    select
        forecasts.forecast_id,
        max_by(levels.level, levels.date) as start_level,
        max(levels.date) as start_date
    from forecasts
    inner join levels
        on
            forecasts.asset = levels.asset
            and forecasts.made_on >= levels.date
            and forecasts.made_on - {{ var('forecast_ledger')['max_age_days'] }} <= levels.date
    group by forecasts.forecast_id
),

courses as (
    select
        forecasts.forecast_id,
        max(levels.level) as best_level,
        max(levels.date) as last_date
    from forecasts
    cross join night
    inner join levels
        on
            forecasts.asset = levels.asset
            and forecasts.made_on < levels.date
            and coalesce(forecasts.due_date, night.night) >= levels.date
            and night.night >= levels.date
    group by forecasts.forecast_id
),

-- Every span of as many days that was over when the forecast was made.
spans as (
    select
        forecasts.forecast_id,
        forecasts.target_return,
        forecasts.made_on,
        forecasts.horizon_days,
        levels.date,
        levels.level,
        max(levels.level) over (
            partition by forecasts.forecast_id
            order by datediff('day', date '1970-01-01', levels.date)
            range between 1 following and forecasts.horizon_days following
        ) as best_level
    from forecasts
    inner join levels on forecasts.asset = levels.asset and forecasts.made_on >= levels.date
    where forecasts.horizon_days is not null
),

base_rates as (
    select
        forecast_id,
        count(*) as base_spans,
        avg(case when best_level >= level * (1 + target_return) then 1.0 else 0.0 end) as base_rate
    from spans
    where date + horizon_days <= made_on and best_level is not null
    group by forecast_id
),

judged as (
    select
        forecasts.*,
        beginnings.start_date,
        beginnings.start_level,
        courses.best_level / beginnings.start_level - 1 as best_return,
        courses.last_date,
        base_rates.base_rate,
        base_rates.base_spans,
        case
            when forecasts.horizon_days is null then 'unscorable'
            when forecasts.due_date > night.night then 'open'
            when
                beginnings.start_level is null or courses.last_date is null
                or courses.last_date < forecasts.due_date - {{ var('forecast_ledger')['max_age_days'] }}
                then 'unscorable'
            when courses.best_level >= beginnings.start_level * (1 + forecasts.target_return) then 'came_true'
            else 'failed'
        end as status
    from forecasts
    cross join night
    left join beginnings on forecasts.forecast_id = beginnings.forecast_id
    left join courses on forecasts.forecast_id = courses.forecast_id
    left join base_rates on forecasts.forecast_id = base_rates.forecast_id
)

select
    forecast_id,
    made_at,
    source,
    asset,
    statement,
    target_return,
    horizon_days,
    due_date,
    start_date,
    start_level,
    best_return,
    status,
    base_rate,
    base_spans,
    cast(case status when 'came_true' then 0 when 'failed' then 1 end as double) as brier_score,
    case status
        when 'came_true' then (1 - base_rate) * (1 - base_rate)
        when 'failed' then base_rate * base_rate
    end as base_brier_score,
    case
        when horizon_days is null then 'no horizon: no outcome could prove it wrong'
        when start_level is null then 'no level of ' || asset || ' when it was made'
        when status = 'unscorable' then 'no level of ' || asset || ' when it was due'
        when status = 'open' then 'not due yet'
        else ''
    end as reason
from judged
