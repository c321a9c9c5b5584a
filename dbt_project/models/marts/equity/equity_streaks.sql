-- Grain: session_date. The Russell 2000 against the S&P 500, with what chance alone would give.
select
    streaks.session_date,
    streaks.excess_return,
    streaks.streak_length,
    streaks.streak_rank,
    streaks.last_longer_or_equal_date,
    chance.p_value,
    chance.fair_coin_p,
    chance.sessions,
    chance.wins,
    streaks.history_from,
    chance.params_hash
from {{ ref('int_equity_streaks') }} as streaks
left join {{ ref('int_equity_streak_chance') }} as chance on streaks.session_date = chance.session_date
