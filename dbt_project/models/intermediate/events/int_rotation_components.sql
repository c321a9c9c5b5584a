-- Grain: session_date. Seven readings of the thesis, each a score from -1 (against) to 1 (for) from what was known at the
-- end of the session's UTC day; null where there are no data. Scales and weights are vars with their evidence.
{% set rule = var('rotation_signal') %}
{% set weights = rule['weights'] %}
with sessions as (
    select session_date from {{ ref('int_xnys_sessions') }}
),

breakouts as (
    select
        session_date,
        drawdown
    from {{ ref('int_equity_breakout') }}
    where symbol = '^RUT'
),

counted as (
    select
        session_date,
        sum(excess_return) over recent as excess,
        count(excess_return) over recent as recent_sessions,
        stddev_samp(excess_return) over whole_year as spread,
        count(excess_return) over whole_year as year_sessions
    from {{ ref('int_equity_streaks') }}
    window
        recent as (order by session_date rows between 20 preceding and current row),
        whole_year as (order by session_date rows between 251 preceding and current row)
),

relative_strength as (
    select
        session_date,
        excess / (spread * sqrt(recent_sessions)) as strength_z
    from counted
    where year_sessions >= {{ rule['min_sessions'] }} and recent_sessions >= {{ rule['min_recent_sessions'] }} and spread > 0
),

correlations as (
    select
        session_date,
        correlation
    from {{ ref('int_equity_crypto_correlation') }}
    where equity_symbol = '^RUT' and crypto_series = 'total_cap' and window_sessions = 63 and method = 'pearson'
),

-- A breakout counts for the days it is watched, until the pattern fails.
standing_breakouts as (
    select
        sessions.session_date,
        count(patterns.breakout_date) as standing
    from sessions
    left join {{ ref('int_chart_patterns') }} as patterns
        on
            patterns.symbol = '^RUT'
            and patterns.bar_interval = 'daily'
            and sessions.session_date >= patterns.breakout_date
            and sessions.session_date < patterns.breakout_date + {{ rule['pattern_days'] }}
            and sessions.session_date < coalesce(patterns.failed_date, date '9999-12-31')
    group by sessions.session_date
),

scanned as (
    select distinct session_date
    from {{ ref('int_pattern_scans') }}
    where symbol = '^RUT' and bar_interval = 'daily'
),

others as (
    select
        newer.date,
        ln(newer.ratio / older.ratio) as move
    from {{ ref('int_others_btc') }} as newer
    inner join {{ ref('int_others_btc') }} as older
        on
            newer.membership = older.membership
            and newer.denominator = older.denominator
            and newer.date - {{ rule['others_days'] }} = older.date
    where newer.membership = 'chain_linked' and newer.denominator = 'btc_price'
),

flows as (
    select
        date,
        count(*) filter (where state <> 'UNKNOWN') as tokens,
        avg(
            case state when 'ACCUMULATION' then 1 when 'DISTRIBUTION' then -1 when 'NEUTRAL' then 0 end
        ) as net_accumulating
    from {{ ref('int_netflow_states') }}
    where exchange = 'binance'
    group by date
),

scored as (
    select
        sessions.session_date,
        {{ clamped("1 - 2 * breakouts.drawdown / " ~ rule['drawdown_scale']) }} as breakout,
        {{ clamped("relative_strength.strength_z / " ~ rule['z_scale']) }} as strength,
        {{ clamped("correlations.correlation / " ~ rule['correlation_scale']) }} as correlation,
        case when scanned.session_date is not null then least(standing_breakouts.standing, 1) end as pattern,
        {{ clamped("others.move / " ~ rule['others_scale']) }} as others_btc,
        {{ clamped("-bias.bias_z / " ~ rule['z_scale']) }} as long_bias,
        case when flows.tokens >= {{ rule['min_tokens'] }} then flows.net_accumulating end as netflow
    from sessions
    left join breakouts on sessions.session_date = breakouts.session_date
    left join relative_strength on sessions.session_date = relative_strength.session_date
    left join correlations on sessions.session_date = correlations.session_date
    left join scanned on sessions.session_date = scanned.session_date
    left join standing_breakouts on sessions.session_date = standing_breakouts.session_date
    left join others on sessions.session_date = others.date
    left join {{ ref('int_altcoin_bias') }} as bias on sessions.session_date = bias.date
    left join flows on sessions.session_date = flows.date
),

weighed as (
    select
        *,
        list_sum([
            {% for name, weight in weights.items() %}
                case when {{ name }} is null then 0.0 else {{ weight }} end{{ "," if not loop.last }}
            {% endfor %}
        ]) as known_weight,
        list_sum([
            {% for name, weight in weights.items() %}
                coalesce({{ name }}, 0.0) * {{ weight }}{{ "," if not loop.last }}
            {% endfor %}
        ]) as weighted_sum,
        list_sum([
            {% for weight in weights.values() %}
                {{ weight }}{{ "," if not loop.last }}
            {% endfor %}
        ]) as whole_weight
    from scored
),

composed as (
    select
        *,
        known_weight / whole_weight as coverage,
        case
            when known_weight >= {{ rule['min_coverage'] }} * whole_weight then weighted_sum / known_weight
        end as composite
    from weighed
)

select
    session_date,
    composite,
    coverage,
    -- Known at the session's end: the session before was below.
    coalesce(
        composite >= {{ rule['threshold'] }}
        and lag(composite) over (order by session_date) < {{ rule['threshold'] }},
        false
    ) as is_event,
    {% for name, weight in weights.items() -%}
        cast({{ name }} as double) as {{ name }}_score,
        cast({{ weight }} as double) as {{ name }}_weight,
    {% endfor -%}
    case when composite is null then 'too few weights have data' else '' end as reason,
    '{{ params_hash("rotation_signal") }}' as params_hash
from composed
