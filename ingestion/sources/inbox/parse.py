"""Reading a dropped file: which layout it has, whose series it is, and its rows. Same bytes and name, same rows.

CSV and Parquet are told apart by their first bytes. Dates are whole UTC days or sessions; a file of hours is refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from ingestion.errors import BadPayloadError
from ingestion.sources.coinmetrics.models import METRICS
from ingestion.sources.inbox.models import (
    ASSET_METRICS,
    EQUITY_BARS,
    EXCHANGE_FLOWS,
    FLOW_METRICS,
    LAYOUTS,
    Layout,
)
from ingestion.sources.reading import reading

MOST_ROWS, MOST_UNPACKED_BYTES = 5_000_000, 1024 * 1024 * 1024
_PARQUET = b"PAR1"
_NULLS = ["", "null", "NULL", "NaN", "nan", "N/D", "-"]
_WHOLE_DAY = r"^\d{4}-\d{2}-\d{2}([T ]00:00:00(\.0+)?(Z|\+00:00)?)?$"
_FIRST_WORD = re.compile(r"\^?[A-Za-z0-9]+")
_TOKEN_AND_EXCHANGE = re.compile(r"(?:cryptoquant_)?([a-z0-9]+)_([a-z]+(?:_exchange)?)", re.IGNORECASE)
_SHOWN_COLUMNS = 12
_ALIASES = {"SPX": "GSPC"}
# What Stooq answers in place of a file, under HTTP 200: a download saves it under the file's name.
_REFUSALS = {
    b"no data": "Stooq has no data for that symbol or window",
    b"exceeded the daily hits limit": "Stooq's quota of a day is used up: download it again tomorrow",
    b"get your apikey": "Stooq asks for a key: download it with a key of your own",
    b"access denied": "Stooq refuses the address it was downloaded from",
    b"<": "it is a web page: open the address in a browser, which may have to prove itself first",
}


def recognise(body: bytes) -> Layout:
    """The layout of a file; raises `BadPayloadError` naming its columns and the layouts there are."""
    start = body[:200].lstrip().lower()
    if refusal := next((said for begins, said in _REFUSALS.items() if start.startswith(begins)), None):
        raise BadPayloadError(f"this is what a provider says in place of a file: {refusal}")
    with reading("a CSV or Parquet file"):
        columns = _columns(body)
    found = next((layout for layout in LAYOUTS if layout.fits(frozenset(map(str.lower, columns)))), None)
    if found is None:
        shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (", …" if len(columns) > _SHOWN_COLUMNS else "")
        known = "; ".join(f"{layout.name}: {', '.join(sorted(layout.required))}" for layout in LAYOUTS)
        raise BadPayloadError(f"no known layout has the columns {shown!r}. Known are {known}")
    return found


def series_of(layout: Layout, file_name: str, known_symbols: Sequence[str]) -> str:
    """What the file is about, from its name; raises `BadPayloadError` saying how to name it."""
    stem = file_name.rsplit(".", 1)[0]
    if layout.dataset == "exchange_flows":
        found = _TOKEN_AND_EXCHANGE.fullmatch(stem)
        series = f"{found[1].lower()}/{found[2].lower()}" if found else None
    else:
        word = _FIRST_WORD.match(stem)
        series = word[0] if word else None
        if series and layout.dataset == "equity_bars":
            series = series.removeprefix("^").upper()
            series = _ALIASES.get(series, series)
            series = series if series in known_symbols else None
        elif series:
            series = series.lower()
    if series is None:
        raise BadPayloadError(f"the name {file_name!r} does not say whose the rows are: {layout.file_name}")
    return series


def parse_equity_bars(body: bytes, symbol: str) -> pa.Table:
    """The bars of one series."""
    with reading(f"the daily bars of {symbol}"):
        layout, columns = recognise(body), _read(body)
        rows = {name: columns.get(name.replace("_", " ")) for name in EQUITY_BARS.columns}
        days = _days(columns["date"])
        found = {name: _numbers(column, len(days)) for name, column in rows.items()}
        return _table(
            EQUITY_BARS.schema,
            found | {"session_date": days, "layout": [layout.name] * len(days), "symbol": [symbol] * len(days)},
        )


def parse_exchange_flows(body: bytes, token: str, exchange: str) -> pa.Table:
    """The flows of one token at one exchange, a row for each value that is there."""
    with reading(f"the exchange flows of {token}"):
        columns = _read(body)
        given = {metric: columns[name] for name, metric in FLOW_METRICS.items() if name in columns}
        return _unpivoted(EXCHANGE_FLOWS.schema, _days(columns["date"]), given, {"token": token, "exchange": exchange})


def parse_asset_metrics(body: bytes, asset: str) -> pa.Table:
    """The metrics of one asset, or of those that the column `asset` names, a row for each value that is there."""
    with reading(f"the metrics of {asset}"):
        columns = _read(body)
        given = {metric: columns[metric.lower()] for metric in METRICS if metric.lower() in columns}
        named = columns["asset"].cast(pa.string()) if "asset" in columns else asset
        return _unpivoted(ASSET_METRICS.schema, _days(columns["time"]), given, {"asset": named})


def _columns(body: bytes) -> list[str]:
    if body[:4] == _PARQUET:
        return [str(name) for name in pq.ParquetFile(io.BytesIO(body)).schema_arrow.names]
    line = body.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8").strip()
    names = [name.strip().strip('"') for name in line.split(",")]
    if len(set(names)) < len(names):
        raise ValueError(f"two columns have the same name in {line[:80]!r}")
    return names


def _read(body: bytes) -> dict[str, pa.ChunkedArray]:
    """Every column by its name in lower case; those of a CSV are text."""
    names = _columns(body)
    if body[:4] == _PARQUET:
        file = pq.ParquetFile(io.BytesIO(body))
        about = file.metadata
        unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        if about.num_rows > MOST_ROWS or unpacked > MOST_UNPACKED_BYTES:
            raise ValueError(f"it unpacks to {about.num_rows} rows and {unpacked} bytes, more than is read")
        table = file.read()
    else:
        table = csv.read_csv(
            pa.BufferReader(body),
            csv.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            csv.ParseOptions(newlines_in_values=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=_NULLS, strings_can_be_null=True
            ),
        )
    return {name.lower(): column for name, column in zip(names, table.columns, strict=True)}


def _days(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.null_count:
        raise ValueError(f"{column.null_count} rows have no date")
    kind = column.type
    if pa.types.is_timestamp(kind):
        days = column.cast(pa.timestamp(kind.unit)).cast(pa.date32(), safe=False)
        if not pc.all(pc.equal(days.cast(pa.timestamp(kind.unit)), column.cast(pa.timestamp(kind.unit)))).as_py():
            raise ValueError("the dates have a time of day: only daily files are read")
        return days
    text = column.cast(pa.string())
    wrong = text.filter(pc.invert(pc.match_substring_regex(text, _WHOLE_DAY)))
    if len(wrong):
        raise ValueError(f"{wrong[0].as_py()[:40]!r} is not a day as YYYY-MM-DD")
    return pc.utf8_slice_codeunits(text, 0, 10).cast(pa.date32())


def _numbers(column: pa.ChunkedArray | None, rows: int) -> pa.ChunkedArray | pa.Array:
    if column is None:
        return pa.nulls(rows, pa.float64())
    found = column.cast(pa.float64())
    if not pc.all(pc.is_finite(found.drop_null())).as_py():
        raise ValueError("a value is not finite")
    return found


def _unpivoted(
    schema: pa.Schema,
    days: pa.ChunkedArray,
    given: Mapping[str, pa.ChunkedArray],
    constants: Mapping[str, str | pa.ChunkedArray],
) -> pa.Table:
    pieces = []
    for metric, column in given.items():
        named = {name: [value] * len(days) if isinstance(value, str) else value for name, value in constants.items()}
        values = {"date": days, "metric": [metric] * len(days), "value": _numbers(column, len(days))}
        rows = _table(schema, named | values)
        pieces.append(rows.filter(pc.is_valid(rows["value"])))
    return pa.concat_tables(pieces) if pieces else schema.empty_table()


def _table(schema: pa.Schema, columns: Mapping[str, object]) -> pa.Table:
    return pa.table([columns[name] for name in schema.names], schema=schema)
