-- Grain: signal, session_date. When each signal came, known at the close of that session or day.
{% set rule = var('signals') %}
select
    'fresh_ath' as signal,
    session_date
from {{ ref('int_equity_breakout') }}
where symbol = '^RUT' and is_fresh_ath

union all

-- A streak counts once, on the session on which it gets long enough.
select
    'streak' as signal,
    session_date
from {{ ref('int_equity_streaks') }}
where streak_length = {{ rule['streak_sessions'] }}

union all

select distinct
    'pattern_breakout' as signal,
    breakout_date as session_date
from {{ ref('int_chart_patterns') }}
where symbol = '^RUT' and bar_interval = 'daily' and breakout_date is not null

union all

select
    'long_bias' as signal,
    date as session_date
from {{ ref('int_altcoin_bias') }}
where bias_z >= {{ rule['bias_z'] }}

union all

select
    'rotation_signal' as signal,
    session_date
from {{ ref('int_rotation_components') }}
where is_event
