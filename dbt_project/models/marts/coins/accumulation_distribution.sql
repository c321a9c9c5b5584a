-- Grain: date, exchange, symbol. The states are computed once, in int_netflow_states.
select
    states.date,
    states.exchange,
    states.symbol,
    states.coin_id,
    states.contract,
    states.netflow_native,
    flows.netflow_pit as netflow_pit_native,
    states.netflow_bp_supply,
    states.netflow_native / nullif(greatest(reported.reserve - states.netflow_native, 0), 0) as netflow_share_reserve,
    states.z_score,
    states.ema7_z,
    states.sum14_bp,
    states.state,
    states.state_reason,
    states.days_in_state,
    states.coverage,
    case when coalesce(flows.provider, 'ethereum') in ('ethereum', 'blockscout') then tokens.coverage end as chain_coverage,
    flows.provider,
    states.params_hash
from {{ ref('int_netflow_states') }} as states
left join {{ ref('int_daily_netflow') }} as flows
    on states.date = flows.date and states.exchange = flows.exchange and states.symbol = flows.symbol
left join {{ ref('int_reported_flows') }} as reported
    on
        flows.date = reported.date
        and flows.exchange = reported.exchange
        and flows.symbol = reported.symbol
        and flows.provider = reported.provider
left join {{ ref('int_token_identity') }} as tokens on states.contract = tokens.contract
