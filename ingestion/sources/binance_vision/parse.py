"""Reading the archive's files: a checksum line, a listing, and a zip that holds one CSV. Same bytes, same rows.

Belongs here: the wire format and its traps. Columns are read by Arrow at once; no value passes through Python.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.compute as pc
from isal import igzip_lib, isal_zlib
from pyarrow import csv

from ingestion.errors import BadPayloadError
from ingestion.sources.binance_vision.models import FUNDING, KLINES, METRICS
from ingestion.sources.reading import reading

CHECKSUM = ".CHECKSUM"
LARGEST_FILE_BYTES = 32 * 1024 * 1024
_CHECKSUM = re.compile(rb"([0-9a-fA-F]{64})\s+\*?(\S+)\s*")
_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_ENCRYPTED = 0x1
# Where the header before a member's bytes says how long its name and its extra field are (APPNOTE 4.3.7).
_LENGTHS, _LENGTHS_AT = struct.Struct("<HH"), 26
METRIC_COLUMNS = tuple(name for name in METRICS.columns if name not in ("file_date", "label_convention"))
METRIC_OPTIONS = csv.ConvertOptions(
    column_types={name: METRICS.schema.field(name).type for name in METRIC_COLUMNS},
    include_columns=METRIC_COLUMNS,
    null_values=["", "NaN", "nan", "null", "NULL"],
)
FIRST_END_LABEL = time(0, 5)
_KLINE_COLUMNS = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignored",
)
_KLINE_TYPES = {name: pa.float64() for name in _KLINE_COLUMNS} | {"open_time": pa.int64(), "trades": pa.int64()}
_KLINE_TYPES |= {"close_time": pa.int64(), "ignored": pa.string()}
# A bar is whole or the file is not one: nothing in it stands for "unknown".
_WHOLE_KLINE_COLUMNS = tuple(name for name in KLINES.columns if name in _KLINE_COLUMNS)
_FUNDING_TYPES = {
    "calc_time": pa.int64(),
    "funding_interval_hours": pa.int32(),
    "last_funding_rate": pa.float64(),
}
# Spot stamps are microseconds since 2025 and milliseconds before; as milliseconds this is the year 5138.
_SMALLEST_MICROSECONDS = 100_000_000_000_000


def parse_checksum(body: bytes, file_name: str) -> str:
    """The sha256 (lower-case hex) that a `.CHECKSUM` file states for `file_name`."""
    found = _CHECKSUM.fullmatch(body)
    if not found or found[2] != file_name.encode():
        raise BadPayloadError(f"this is not the checksum of {file_name}: {body[:80]!r}")
    return found[1].decode().lower()


def parse_listing(body: bytes) -> Mapping[str, str]:
    """The ETag of every checksum file of a listing of the bucket, by the path of the file that it is about.

    An ETag is the MD5 of an object that was put in one piece and without a key of one's own
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html).
    """
    with reading("a listing of the archive"):
        try:
            root = ET.fromstring(body)  # noqa: S314 - expat itself bounds what entities unfold to
        except ET.ParseError as error:
            raise BadPayloadError(f"this is not a listing of the archive: {error}") from error
        if root.tag != f"{_S3}ListBucketResult":
            raise BadPayloadError(f"this is not a listing of the archive: {root.tag[:80]}")
        files = (
            (each.findtext(f"{_S3}Key", ""), each.findtext(f"{_S3}ETag", "")) for each in root.iter(f"{_S3}Contents")
        )
        return {
            f"/{key.removesuffix(CHECKSUM)}": etag.strip('"').lower() for key, etag in files if key.endswith(CHECKSUM)
        }


def is_stated(etag: str, sha256: str, file_name: str) -> bool:
    """Whether a checksum file with this ETag states this sha256 for `file_name`: its one line is made and hashed."""
    line = f"{sha256}  {file_name}".encode()
    return etag in {hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (line + b"\n", line)}


def parse_metrics(body: bytes, symbol: str, day: date) -> pa.Table:
    """The 5-minute rows of one `metrics` zip, as delivered, with the label convention found in this file."""
    with reading(f"the metrics of {symbol} on {day}"):
        text = only_member(body, f"{symbol}-metrics-{day}.csv")
        rows = csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(use_threads=False),
            convert_options=METRIC_OPTIONS,
        )
        if not rows.num_rows:
            return METRICS.schema.empty_table()
        _require_symbol(rows, symbol)
        _require_finite(rows)
        times = rows["create_time"]
        if times.null_count:
            raise BadPayloadError(f"the metrics of {symbol} on {day} have rows without a time")
        columns = {name: rows[name] for name in METRIC_COLUMNS}
        columns["file_date"] = pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows)
        columns["label_convention"] = pa.repeat(_convention(times, day), rows.num_rows)
        return pa.table([columns[name] for name in METRICS.columns], schema=METRICS.schema)


def parse_klines(body: bytes, symbol: str, interval: str, file_name: str) -> pa.Table:
    """The bars of one klines zip; the header is there in newer files only, stamps are in ms or µs."""
    with reading(f"the {interval} bars of {symbol}"):
        text = only_member(body, f"{file_name}.csv")
        if not text.strip():
            return KLINES.schema.empty_table()
        rows = csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(use_threads=False, column_names=_KLINE_COLUMNS, skip_rows=0 if text[:1].isdigit() else 1),
            convert_options=csv.ConvertOptions(column_types=_KLINE_TYPES, null_values=[""]),
        )
        if any(rows[name].null_count for name in _WHOLE_KLINE_COLUMNS):
            raise BadPayloadError(f"a bar of {symbol} lacks a value")
        _require_finite(rows)
        columns = {name: rows[name] for name in KLINES.columns if name in rows.column_names}
        columns["open_time"] = _instants(rows["open_time"], _period(file_name))
        columns["symbol"] = pa.repeat(symbol, rows.num_rows)
        columns["interval"] = pa.repeat(interval, rows.num_rows)
        return pa.table([columns[name] for name in KLINES.columns], schema=KLINES.schema)


def parse_funding(body: bytes, symbol: str, file_name: str) -> pa.Table:
    """The settlements of one month of a perpetual; the file does not name it, the key does."""
    with reading(f"the funding of {symbol}"):
        text = only_member(body, f"{file_name}.csv")
        rows = csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types=_FUNDING_TYPES, include_columns=tuple(_FUNDING_TYPES), null_values=[""]
            ),
        )
        if rows["calc_time"].null_count or rows["last_funding_rate"].null_count:
            raise BadPayloadError(f"a settlement of {symbol} lacks its time or its rate")
        _require_finite(rows)
        settled = _instants(rows["calc_time"], _period(file_name))
        minutes = pc.round_temporal(settled, 1, "minute")
        columns = {
            "symbol": pa.repeat(symbol, rows.num_rows),
            "funding_minute": minutes,
            "calc_time": settled,
            "funding_interval_hours": rows["funding_interval_hours"],
            "last_funding_rate": rows["last_funding_rate"],
        }
        return pa.table([columns[name] for name in FUNDING.columns], schema=FUNDING.schema)


def only_member(body: bytes, name: str) -> bytes:
    """The one file of a zip. Name, size and packing, as its directory says them, are checked before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [name]:
                raise BadPayloadError(f"the zip should hold {name} alone and holds {len(members)} other files")
            (member,) = members
            if member.file_size > LARGEST_FILE_BYTES:
                raise BadPayloadError(f"{name} would unpack to {member.file_size} bytes: that is no such file")
            if member.flag_bits & _ENCRYPTED or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BadPayloadError(f"{name} is packed in a way the archive never uses")
        return _unpacked(body, member)
    except (zipfile.BadZipFile, igzip_lib.IsalError, EOFError, OSError, struct.error) as error:  # type: ignore[misc]
        raise BadPayloadError(f"this is not the zip of {name}: {error}") from error


def _unpacked(body: bytes, member: zipfile.ZipInfo) -> bytes:
    """What a member holds, by ISA-L: `zipfile` checks and unpacks by zlib alone, which takes three times as long."""
    name_bytes, extra_bytes = _LENGTHS.unpack_from(body, member.header_offset + _LENGTHS_AT)
    begin = member.header_offset + _LENGTHS_AT + _LENGTHS.size + name_bytes + extra_bytes
    packed = body[begin : begin + member.compress_size]
    if member.compress_type == zipfile.ZIP_DEFLATED:
        packed = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS).decompress(packed, member.file_size + 1)
    if len(packed) != member.file_size or isal_zlib.crc32(packed) != member.CRC:
        raise zipfile.BadZipFile(f"{member.filename} is damaged")
    return packed


def _require_symbol(rows: pa.Table, symbol: str) -> None:
    if not pc.all(pc.equal(rows["symbol"], symbol), skip_nulls=False).as_py():
        raise BadPayloadError(f"a file of {symbol} holds rows of another symbol")


def _convention(times: pa.ChunkedArray, day: date) -> str:
    """Labels name the end of the five minutes when they begin at 00:05 or reach the next day, else the start."""
    bounds = pc.min_max(times).as_py()
    midnight = datetime.combine(day, time(0))
    begins_late = bounds["min"] == datetime.combine(day, FIRST_END_LABEL)
    return "end" if begins_late or bounds["max"] >= midnight + timedelta(days=1) else "start"


def _require_finite(rows: pa.Table) -> None:
    """Arrow reads `inf`, any spelling of `nan` and `1e310` as numbers."""
    for name in rows.column_names:
        if pa.types.is_floating(rows[name].type) and not pc.all(pc.is_finite(rows[name]), min_count=0).as_py():
            raise BadPayloadError(f"the column {name} holds something else than numbers")


def _period(file_name: str) -> tuple[datetime, datetime]:
    """The days that a file is named after: its first moment, and the first one after it."""
    year, month, *day = (int(part) for part in file_name.split("-")[2:])
    start = datetime(year, month, day[0] if day else 1, tzinfo=UTC)
    after = start + timedelta(days=1) if day else (start + timedelta(days=31)).replace(day=1)
    return start, after


def _instants(stamps: pa.ChunkedArray, period: tuple[datetime, datetime]) -> pa.ChunkedArray:
    """Open times in one unit; raises for one outside the period of the file."""
    micros = pc.if_else(pc.less(stamps, _SMALLEST_MICROSECONDS), pc.multiply_checked(stamps, 1000), stamps)
    bounds = pc.min_max(micros).as_py()
    first, after = (int(moment.timestamp()) * 1_000_000 for moment in period)
    if bounds["min"] is not None and not first <= bounds["min"] <= bounds["max"] < after:
        raise BadPayloadError(
            f"open times run from {bounds['min']} to {bounds['max']}: not within {period[0]:%Y-%m-%d}"
        )
    return micros.cast(pa.timestamp("us", tz="UTC"))
