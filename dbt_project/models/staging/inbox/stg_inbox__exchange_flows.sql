-- Grain: date, exchange, symbol. A metric that the file does not have is null.
{{
    daily_flows(
        latest_versions('inbox_exchange_flows', ['token', 'exchange', 'metric', 'date']),
        'upper(token)', ['inflow', 'outflow', 'netflow', 'reserve'], 'inbox'
    )
}}
