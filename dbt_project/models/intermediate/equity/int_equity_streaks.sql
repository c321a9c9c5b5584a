-- Grain: session_date. Runs of sessions in which small caps (^RUT) beat large caps (^GSPC). Only runs that ended before
-- a session count against its streak, so nothing later is looked at.
with small_caps as (
    select
        session_date,
        log_return
    from {{ ref('int_session_returns') }}
    where series = '^RUT'
),

large_caps as (
    select
        session_date,
        log_return
    from {{ ref('int_session_returns') }}
    where series = '^GSPC'
),

compared as (
    select
        small_caps.session_date,
        small_caps.log_return - large_caps.log_return as excess_return,
        min(case when small_caps.log_return - large_caps.log_return is not null then small_caps.session_date end)
            over () as history_from
    from small_caps
    inner join large_caps on small_caps.session_date = large_caps.session_date
),

numbered as (
    select
        session_date,
        excess_return,
        history_from,
        -- A tie, a loss and a missing return each end a run and start the next number.
        sum(case when excess_return > 0 then 0 else 1 end) over (order by session_date) as run_number
    from compared
    where session_date >= history_from
),

streaks as (
    select
        *,
        case
            when excess_return is not null
                then count(*) filter (where excess_return > 0) over (
                    partition by run_number
                    order by session_date
                )
        end as streak_length
    from numbered
),

runs as (
    select
        run_number,
        max(streak_length) as run_length,
        max(session_date) filter (where streak_length > 0) as ended_on
    from streaks
    group by run_number
),

-- Of the earlier runs only those at least as long as a streak say anything about it.
ranked as (
    select
        streaks.session_date,
        1 + count(*) filter (where runs.run_length > streaks.streak_length) as streak_rank,
        max(runs.ended_on) as last_longer_or_equal_date
    from streaks
    left join runs
        on streaks.run_number > runs.run_number and streaks.streak_length <= runs.run_length
    where streaks.streak_length > 0
    group by streaks.session_date
)

select
    streaks.session_date,
    streaks.excess_return,
    streaks.streak_length,
    ranked.streak_rank,
    ranked.last_longer_or_equal_date,
    streaks.history_from
from streaks
left join ranked on streaks.session_date = ranked.session_date
