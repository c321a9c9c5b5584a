-- Grain: date, exchange, symbol. A metric that was not given is null.
{{
    daily_flows(
        latest_versions('cryptoquant_exchange_flows', ['token', 'exchange', 'metric', 'date']),
        'token', ['inflow', 'outflow', 'netflow', 'reserve'], 'cryptoquant'
    )
}}
