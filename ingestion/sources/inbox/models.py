"""Rows of dropped files, and the layouts that are known by their header."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.warehouse.raw import RawTable

# Prices in USD or index points, volume in shares. `layout` says how far a close is adjusted: `yahoo` for splits,
# `stooq` for dividends too. `symbol` is the file's name for the series, in capitals.
EQUITY_BARS = RawTable(
    "inbox_equity_bars",
    {
        "layout": "varchar",
        "symbol": "varchar",
        "session_date": "date",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "adj_close": "double",
        "volume": "double",
    },
    ("layout", "symbol", "session_date"),
)
# One value of a UTC day in tokens; netflow is positive when tokens arrive at the exchange, reserve is at the day's end.
EXCHANGE_FLOWS = RawTable(
    "inbox_exchange_flows",
    {"token": "varchar", "exchange": "varchar", "metric": "varchar", "date": "date", "value": "double"},
    ("token", "exchange", "metric", "date"),
)
# One value of a UTC day, named and measured as at Coin Metrics.
ASSET_METRICS = RawTable(
    "inbox_asset_metrics",
    {"asset": "varchar", "date": "date", "metric": "varchar", "value": "double"},
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
FLOW_METRICS = {
    "netflow_total": "netflow",
    "inflow_total": "inflow",
    "outflow_total": "outflow",
    "reserve": "reserve",
}
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
