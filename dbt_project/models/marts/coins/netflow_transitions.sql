-- Grain: exchange, from_state, to_state. How often a day in one state is followed by a day in each, over all tokens.
with followed as (
    select
        exchange,
        symbol,
        date,
        state as to_state,
        lag(state) over (partition by exchange, symbol order by date) as from_state,
        max(date) over (partition by exchange) as as_of_date,
        params_hash
    from {{ ref('int_netflow_states') }}
)

select
    exchange,
    from_state,
    to_state,
    as_of_date,
    count(*) as transitions,
    count(distinct symbol) as tokens,
    count(*) / sum(count(*)) over (partition by exchange, from_state) as transition_share,
    params_hash
from followed
where from_state is not null
group by exchange, from_state, to_state, as_of_date, params_hash
