-- Grain: symbol, session_date. Symbols are ours; the provider's own are in equity_symbols.
{{
    equity_sessions(
        latest_versions('nasdaq_bars', ['symbol', 'session_date']), ref('equity_symbols'), 'nasdaq', 'bars'
    )
}}
