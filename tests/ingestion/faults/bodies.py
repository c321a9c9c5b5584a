"""Where the rows of each dataset's answer lie, and how an answer is put together again with other rows.

A dataset that is not listed is read by looking: the longest list of a JSON answer, or the lines of a CSV.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

Row = Any
_FUTURE = timedelta(days=100)  # from the newest row of any example it lies after the night
_ISO = re.compile(r"\d{4}-\d\d-\d\d.*")
_AMERICAN = re.compile(r"\d\d/\d\d/\d{4}")


class Body(Protocol):
    """An answer taken apart."""

    rows: list[Row]
    about: dict[str, Any]

    def build(self) -> bytes:
        """The answer with the rows and what is said about them as they are now."""
        ...


class JsonBody:
    """A JSON answer with its rows at a path; a single object there is one row."""

    def __init__(self, body: bytes, path: str) -> None:
        self.about: Any = json.loads(body)
        self._path = path
        found = get(self.about, path) if path else self.about
        self._single = isinstance(found, dict)
        self.rows = [found] if self._single else found

    def build(self) -> bytes:
        found = self.rows[0] if self._single and len(self.rows) == 1 else self.rows
        if self._path:
            put(self.about, self._path, found)
        return json.dumps(self.about if self._path else found).encode()


class ColumnsBody:
    """Yahoo's chart: a row is one position of its parallel columns."""

    def __init__(self, body: bytes) -> None:
        self.about: Any = json.loads(body)
        (result,) = self.about["chart"]["result"]
        columns = {"timestamp": result["timestamp"], **result["indicators"]["quote"][0]}
        columns["adjclose"] = result["indicators"]["adjclose"][0]["adjclose"]
        self.rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def build(self) -> bytes:
        (result,) = self.about["chart"]["result"]
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        columns = {name: [row[name] for row in self.rows if name in row] for name in names}
        result["timestamp"] = columns.pop("timestamp", [])
        result["indicators"]["adjclose"] = [{"adjclose": columns.pop("adjclose", [])}]
        result["indicators"]["quote"] = [columns]
        return json.dumps(self.about).encode()


class CsvBody:
    """Lines of text; with a header its names can be used as well as positions."""

    def __init__(self, body: bytes) -> None:
        lines = list(csv.reader(io.StringIO(body.decode())))
        self._has_header = not lines[0][0][:1].isdigit()
        self.about: Any = {"header": lines[0] if self._has_header else None}
        self.rows = lines[1:] if self._has_header else lines

    def build(self) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        if self._has_header:
            writer.writerow(self.about["header"])
        writer.writerows(["" if cell is None else cell for cell in row] for row in self.rows)
        return out.getvalue().encode()


class ZipBody:
    """The one CSV of a zip; `about.member` is its name."""

    def __init__(self, body: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            (member,) = archive.namelist()
            self._text = CsvBody(archive.read(member))
        self.about: Any = {"member": member, "header": self._text.about["header"]}
        self.rows = self._text.rows

    def build(self) -> bytes:
        self._text.rows, self._text.about = self.rows, self.about
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(self.about["member"]), self._text.build())
        return out.getvalue()


@dataclass(frozen=True)
class Form:
    """How to take an answer apart, and the paths of what a fault changes: a number, a moment, whom it is about.

    `symbol` with a leading `^` lies beside the rows and not in them; None: the answer does not say whom it is about.
    `token` (beside the rows) leads to the next page.
    """

    open: Callable[[bytes], Body]
    value: str
    stamp: str
    symbol: str | None = None
    token: str | None = None


def json_form(path: str, value: str, stamp: str, symbol: str | None = None, token: str | None = None) -> Form:
    return Form(lambda body: JsonBody(body, path), value, stamp, symbol, token)


FORMS: Mapping[str, Form] = {
    "yahoo/chart": Form(ColumnsBody, "close", "timestamp", "^chart.result.0.meta.symbol"),
    "binance_vision/metrics": Form(ZipBody, "2", "0", "1"),
    "binance_vision/klines": Form(ZipBody, "4", "0", "^member"),
    "binance_vision/funding": Form(ZipBody, "2", "0", "^member"),
    "binance_reserves/addresses": json_form("data", "address", "address", "address"),
    "ethereum/blocks": json_form("result", "timestamp", "timestamp", "number"),
    "ethereum/transfers": json_form("result", "data", "blockNumber", "address"),
    "blockscout/transfers": json_form("result", "data", "blockNumber", "address"),
    "coinmetrics/asset_metrics": json_form("data", "PriceUSD", "time", "asset", "next_page_token"),
    "coingecko/markets": json_form("", "current_price", "last_updated"),
    "coingecko/global": json_form("data", "total_market_cap.usd", "updated_at", "total_market_cap"),
    "coinmarketcap/listings": json_form("data", "quotes.0.marketCap", "lastUpdated"),
    "coinmarketcap/total": json_form("data.quotes", "quote.0.totalMarketCap", "timestamp"),
    "cboe/bars": json_form("data", "close", "date", "^symbol"),
    "cboe/closes": Form(CsvBody, "1", "0", "^header.1"),
    "nasdaq/bars": json_form("data.tradesTable.rows", "close", "date", "^data.symbol"),
    "fred/closes": Form(CsvBody, "1", "0", "^header.1"),
    "binance_futures/ratios": json_form("", "longShortRatio", "timestamp", "symbol"),
    "binance_futures/open_interest": json_form("", "sumOpenInterest", "timestamp", "symbol"),
    "binance_futures/funding": json_form("", "fundingRate", "fundingTime", "symbol"),
    "bybit/account_ratio": json_form("result.list", "buyRatio", "timestamp", "symbol", "result.nextPageCursor"),
    "bybit/open_interest": json_form(
        "result.list", "openInterest", "timestamp", "^result.symbol", "result.nextPageCursor"
    ),
    "bybit/funding": json_form("result.list", "fundingRate", "fundingRateTimestamp", "symbol"),
    "okx/ratios": json_form("data", "1", "0"),
    "okx/open_interest": json_form("data", "1", "0"),
    "okx/funding": json_form("data", "fundingRate", "fundingTime", "instId"),
    "cryptoquant/exchange_flows": json_form("result.data", "netflow_total", "date"),
    "glassnode/exchange_flows": json_form("", "v", "t"),
    "glassnode/exchange_flows_pit": json_form("", "v", "t"),
}


def get(node: Any, path: str) -> Any:
    """What lies at a dotted path; numbers are positions in lists."""
    for key in path.split("."):
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def put(node: Any, path: str, value: Any) -> None:
    """Set what lies at a path."""
    *way, last = path.split(".")
    parent = get(node, ".".join(way)) if way else node
    parent[int(last) if isinstance(parent, list) else last] = value


def drop(node: Any, path: str) -> None:
    """Remove what lies at a path."""
    *way, last = path.split(".")
    parent = get(node, ".".join(way)) if way else node
    del parent[int(last) if isinstance(parent, list) else last]


def later(value: Any) -> Any:
    """The same moment some weeks later, written in the same way."""
    if isinstance(value, str):
        if value.startswith("0x"):
            return hex(int(value, 16) + int(_FUTURE.total_seconds()))
        if _AMERICAN.fullmatch(value):
            return f"{datetime.strptime(value, '%m/%d/%Y') + _FUTURE:%m/%d/%Y}"
        if _ISO.fullmatch(value):
            return f"{date.fromisoformat(value[:10]) + _FUTURE}{value[10:]}"
        return str(later(int(value)))
    unit = 1_000_000 if value > 1e14 else 1_000 if value > 1e11 else 1
    return value + int(_FUTURE.total_seconds()) * unit


def negative(value: Any) -> Any:
    """The same number below zero, written in the same way."""
    return f"-{value}" if isinstance(value, str) else -value


def larger(value: Any) -> Any:
    """Another number, written in the same way."""
    return f"{float(value) * 3:.8f}" if isinstance(value, str) else value * 3


def another(value: Any) -> Any:
    """Somebody else's name, written in the same way; of an object its names."""
    if isinstance(value, dict):
        return {another(name): inner for name, inner in value.items()}
    if value.startswith("0x"):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return re.sub(r"[A-Za-z]{2}", "XY", value, count=1)


def row_copy(row: Row) -> Row:
    return copy.deepcopy(row)


def checksum_line(body: bytes, name: str) -> bytes:
    """The line of a `.CHECKSUM` file."""
    return f"{hashlib.sha256(body).hexdigest()}  {name}\n".encode()


def moment(value: Any) -> tuple[int, str]:
    """A key that sorts stamps of one kind by time."""
    if isinstance(value, str):
        if value.startswith("0x"):
            return int(value, 16), ""
        if _AMERICAN.fullmatch(value):
            return 0, f"{value[6:]}{value[:5]}"
        return (int(value), "") if value.isdecimal() else (0, value)
    return int(value), ""


_TIMES = re.compile(r"(.*_)?(time|timestamp|ts|date|day|t|fundingtime|fundingratetimestamp)", re.IGNORECASE)


def guessed(body: bytes, unit: str) -> Form:
    """The form of an answer nobody has described: its longest list, a moment and a number in a row, and its subject."""
    text = body.lstrip()[:1]
    if text not in (b"{", b"["):
        return Form(CsvBody, "1", "0")
    envelope = json.loads(body)
    path, rows = max(_lists(envelope), key=lambda found: len(found[1]), default=("", []))
    if not rows:
        raise LookupError("this answer has no list: describe it in FORMS")
    cells = dict(rows[0]) if isinstance(rows[0], dict) else {str(n): value for n, value in enumerate(rows[0])}
    stamp = next((name for name in cells if _TIMES.fullmatch(name)), next(iter(cells)))
    value = next(name for name, found in cells.items() if name != stamp and _is_number(found))
    subject = unit.split("/", maxsplit=1)[0]
    symbol = next((name for name, found in cells.items() if found == subject), None)
    return json_form(path, value, stamp, symbol)


def _lists(node: Any, path: str = "") -> list[tuple[str, list[Any]]]:
    found = [(path, node)] if isinstance(node, list) and node and isinstance(node[0], dict | list) else []
    children = node.items() if isinstance(node, dict) else ()
    for key, child in children:
        found += _lists(child, f"{path}.{key}" if path else str(key))
    return found


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
