"""Rows of the archive's files."""

from __future__ import annotations

from ingestion.warehouse.raw import RawTable

# A row is a 5-minute moment of one perpetual. `create_time` is UTC as delivered and labels the start or the end of its
# five minutes (`label_convention`). Open interest in contracts' base coins and in USDT; the ratios are long / short
# (or buy / sell), pure numbers; a blank cell is null.
METRICS = RawTable(
    "binance_vision_metrics",
    {
        "symbol": "varchar",
        "file_date": "date",
        "create_time": "timestamp",
        "sum_open_interest": "double",
        "sum_open_interest_value": "double",
        "count_toptrader_long_short_ratio": "double",
        "sum_toptrader_long_short_ratio": "double",
        "count_long_short_ratio": "double",
        "sum_taker_long_short_vol_ratio": "double",
        "label_convention": "varchar",
    },
    ("symbol", "file_date", "create_time"),
)
# A row is one spot bar. Prices in the quote currency, `volume` in the base coin, `quote_volume` in the quote currency.
KLINES = RawTable(
    "binance_vision_klines",
    {
        "symbol": "varchar",
        "interval": "varchar",
        "open_time": "timestamptz",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "volume": "double",
        "quote_volume": "double",
        "trades": "bigint",
    },
    ("symbol", "interval", "open_time"),
)
# A row is one funding settlement. `calc_time` jitters by milliseconds, `funding_minute` is what names a settlement;
# the rate is what longs pay to shorts, a fraction of the position, for an interval of so many hours.
FUNDING = RawTable(
    "binance_vision_funding",
    {
        "symbol": "varchar",
        "funding_minute": "timestamptz",
        "calc_time": "timestamptz",
        "funding_interval_hours": "integer",
        "last_funding_rate": "double",
    },
    ("symbol", "funding_minute"),
)
