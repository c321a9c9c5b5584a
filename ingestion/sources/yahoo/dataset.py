"""What is asked of Yahoo for a night: the whole daily history of each symbol up to that night's day.

One request a symbol, at least a second apart; the whole window comes in one answer, and restated bars become versions.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from ingestion.collect import Dataset
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.yahoo.parse import parse_chart
from ingestion.warehouse.raw import RawTable

SYMBOLS = ("^RUT", "^GSPC", "IWM", "SPY")
# Forty requests in forty minutes have led to a block, so the pauses after a refusal are long.
LIMITS = Limits(per_second=1, first_pause_seconds=60)
TABLE = RawTable(
    "yahoo_chart",
    {
        "symbol": "varchar",
        "session_date": "date",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "adj_close": "double",
        "volume": "bigint",
    },
    ("symbol", "session_date"),
)


def plan(night: Night) -> list[Request]:
    """One request per symbol; `period2` is exclusive, so it is the start of the day after the night's."""
    end = datetime.combine(night.day + timedelta(days=1), time(0), tzinfo=UTC)
    params = {
        "period1": "0",
        "period2": str(int(end.timestamp())),
        "interval": "1d",
        "includePrePost": "false",
        "events": "div,splits,capitalGains",
    }
    return [Request(symbol, f"/v8/finance/chart/{quote(symbol, safe='')}", params) for symbol in SYMBOLS]


def parse(exchange: Exchange) -> list[dict[str, object]]:
    """The rows of one landed answer."""
    return [row.model_dump() for row in parse_chart(exchange.body, exchange.request.unit)]


CHART = Dataset("yahoo", "chart", TABLE, plan, parse)
