"""The files of a market directory: their names and columns, the one place that generator and server agree on.

Belongs here: names and types. What the columns mean is in the README beside this file.
"""

from __future__ import annotations

# DuckDB types; times are UTC instants, dates are UTC days (of `equity_bars`: exchange sessions).
FILES: dict[str, dict[str, str]] = {
    "equity_bars": {
        "symbol": "VARCHAR",
        "session_date": "DATE",
        "open": "DOUBLE",
        "high": "DOUBLE",
        "low": "DOUBLE",
        "close": "DOUBLE",
        "volume": "DOUBLE",
    },
    "crypto_bars": {
        "symbol": "VARCHAR",
        "open_time": "TIMESTAMP WITH TIME ZONE",
        "interval": "VARCHAR",
        "open": "DOUBLE",
        "high": "DOUBLE",
        "low": "DOUBLE",
        "close": "DOUBLE",
        "volume": "DOUBLE",
    },
    "total_cap": {"date": "DATE", "total_cap_usd": "DOUBLE", "btc_dominance_pct": "DOUBLE"},
    "coin_caps": {
        "date": "DATE",
        "coin_id": "VARCHAR",
        "symbol": "VARCHAR",
        "name": "VARCHAR",
        "rank": "INTEGER",
        "price_usd": "DOUBLE",
        "market_cap_usd": "DOUBLE",
        "circulating_supply": "DOUBLE",
    },
    "derivatives_ratios": {
        "ts": "TIMESTAMP WITH TIME ZONE",
        "symbol": "VARCHAR",
        "ratio_kind": "VARCHAR",
        "ratio": "DOUBLE",
        "open_interest": "DOUBLE",
        "open_interest_usd": "DOUBLE",
    },
    "exchange_flows": {
        "date": "DATE",
        "exchange": "VARCHAR",
        "symbol": "VARCHAR",
        "inflow_native": "DOUBLE",
        "outflow_native": "DOUBLE",
        "reserve_native": "DOUBLE",
    },
    "token_transfers": {
        "block_number": "BIGINT",
        "block_time": "TIMESTAMP WITH TIME ZONE",
        "contract": "VARCHAR",
        "from_address": "VARCHAR",
        "to_address": "VARCHAR",
        "value_raw": "VARCHAR",
        "tx_hash": "VARCHAR",
        "log_index": "INTEGER",
    },
}
