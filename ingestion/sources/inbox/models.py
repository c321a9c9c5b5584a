"""Rows of dropped files, and the layouts that are known by their header."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.sources.coinmetrics.models import ASSET_METRICS as COINMETRICS
from ingestion.warehouse.columns import day, number, text
from ingestion.warehouse.raw import RawTable

# The columns of CryptoQuant's export → our names of the metrics.
FLOW_METRICS = {
    "netflow_total": "netflow",
    "inflow_total": "inflow",
    "outflow_total": "outflow",
    "reserve": "reserve",
}
EQUITY_BARS = RawTable(
    "inbox_equity_bars",
    {
        "layout": text("Whose export it is: closes are adjusted for splits (yahoo), for dividends too (stooq)."),
        "symbol": text("The file's name for the series, in capitals."),
        "session_date": day("Session of the New York exchanges."),
        "open": number("index points or USD", "First price of the session."),
        "high": number("index points or USD", "Highest price of the session."),
        "low": number("index points or USD", "Lowest price of the session."),
        "close": number("index points or USD", "Last price of the session.", required=True, above=0),
        "adj_close": number("index points or USD", "Close adjusted for dividends too."),
        "volume": number("shares", "Shares traded."),
    },
    ("layout", "symbol", "session_date"),
)
EXCHANGE_FLOWS = RawTable(
    "inbox_exchange_flows",
    {
        "token": text("Ticker of the token."),
        "exchange": text("The exchange, or all_exchange."),
        "metric": text(
            "A flow of the day, positive towards the exchange, or the reserve at its end.", *FLOW_METRICS.values()
        ),
        "date": day("UTC day."),
        "value": number("tokens", "Its value."),
    },
    ("token", "exchange", "metric", "date"),
)
# One value of a UTC day, named and measured as at Coin Metrics.
ASSET_METRICS = RawTable(
    "inbox_asset_metrics",
    {name: column for name, column in COINMETRICS.facts.items() if name != "status"},
    ("asset", "date", "metric"),
)


@dataclass(frozen=True)
class Layout:
    """A kind of file: its header in lower case. With `further` it may have any other columns, which are not read."""

    name: str
    dataset: str
    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    further: bool = False
    file_name: str = ""
    """How the file must be called, where its content does not say whose it is."""

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a file with these columns has this layout."""
        if not self.required <= columns:
            return False
        return bool(self.optional & columns) if self.further else columns <= self.required | self.optional


_BAR = frozenset({"date", "open", "high", "low", "close"})
_EQUITY_NAME = "its first word is the series, as in ^RUT.csv, spy_us_d.csv or IWM.parquet"
LAYOUTS = (
    Layout("yahoo", "equity_bars", _BAR | {"adj close", "volume"}, file_name=_EQUITY_NAME),
    Layout("stooq", "equity_bars", _BAR, frozenset({"volume"}), file_name=_EQUITY_NAME),
    Layout(
        "cryptoquant",
        "exchange_flows",
        frozenset({"date", "netflow_total"}),
        frozenset(FLOW_METRICS),
        file_name="token and exchange, as in link_binance.csv or btc_all_exchange.csv",
    ),
    Layout(
        "coinmetrics",
        "asset_metrics",
        frozenset({"time"}),
        frozenset(
            {"priceusd", "capmrktestusd", "capmrktcurusd", "splycur", "flowinexntv", "flowoutexntv", "splyexntv"}
        ),
        further=True,
        file_name="its first word is the asset, as in btc.csv, unless there is a column asset",
    ),
)
