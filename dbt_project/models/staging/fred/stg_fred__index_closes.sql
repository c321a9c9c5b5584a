-- Grain: symbol, session_date. Symbols are ours; the provider's own are in equity_symbols.
{{
    equity_sessions(
        latest_versions('fred_closes', ['symbol', 'session_date']), ref('equity_symbols'), 'fred', 'closes'
    )
}}
