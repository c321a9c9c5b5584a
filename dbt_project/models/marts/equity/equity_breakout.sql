-- Grain: symbol, session_date. The logic is in int_equity_breakout.
select
    symbol,
    session_date,
    close,
    ytd_return,
    prior_ath,
    is_ath,
    is_fresh_ath,
    drawdown,
    sessions_since_ath,
    history_from,
    provider,
    params_hash
from {{ ref('int_equity_breakout') }}
