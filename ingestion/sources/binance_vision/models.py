"""Rows of the archive's files."""

from __future__ import annotations

from ingestion.warehouse.columns import FUNDING_RATE, Column, count, day, moment, number, text
from ingestion.warehouse.raw import RawTable


def _ratio(meaning: str) -> Column:
    return number("longs per short", meaning, low=0, high=10_000)


# A row is a 5-minute moment of one perpetual; a blank cell is null.
METRICS = RawTable(
    "binance_vision_metrics",
    {
        "symbol": text("The perpetual."),
        "file_date": day("The UTC day of the file."),
        "create_time": Column("timestamp", "The stamp as delivered, UTC; label_convention says what it names."),
        "sum_open_interest": number("contract base units", "Open contracts, one side.", low=0),
        "sum_open_interest_value": number("USDT", "Their value.", low=0),
        "count_toptrader_long_short_ratio": _ratio("Accounts of top traders, long over short."),
        "sum_toptrader_long_short_ratio": _ratio("Positions of top traders, long over short."),
        "count_long_short_ratio": _ratio("Accounts of all traders, long over short."),
        "sum_taker_long_short_vol_ratio": _ratio("Volume of takers, bought over sold."),
        "label_convention": text("Whether the stamp names the start or the end of its five minutes.", "start", "end"),
    },
    ("symbol", "file_date", "create_time"),
)
KLINES = RawTable(
    "binance_vision_klines",
    {
        "symbol": text("The pair, base coin first."),
        "interval": text("Length of the bar.", "1h", "1d"),
        "open_time": moment("Start of the bar."),
        "open": number("quote currency", "First price.", above=0),
        "high": number("quote currency", "Highest price."),
        "low": number("quote currency", "Lowest price."),
        "close": number("quote currency", "Last price.", above=0),
        "volume": number("coins", "Volume in the base coin.", low=0),
        "quote_volume": number("quote currency", "Volume in the quote currency."),
        "trades": count("trades", "Number of trades."),
    },
    ("symbol", "interval", "open_time"),
)
FUNDING = RawTable(
    "binance_vision_funding",
    {
        "symbol": text("The perpetual."),
        "funding_minute": moment("Minute of the settlement; names it."),
        "calc_time": moment("Its moment as delivered; jitters by milliseconds."),
        "funding_interval_hours": count("hours", "Hours since the settlement before.", kind="integer"),
        "last_funding_rate": FUNDING_RATE,
    },
    ("symbol", "funding_minute"),
)
