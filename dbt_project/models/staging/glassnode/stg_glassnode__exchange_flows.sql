-- Grain: date, exchange, symbol. A metric that was not given is null.
{{
    daily_flows(
        latest_versions('glassnode_exchange_flows', ['asset', 'exchange', 'metric', 'date']),
        'asset', ['inflow', 'outflow', 'netflow'], 'glassnode'
    )
}}
