"""Binance's public archive: `metrics` over `derivatives_ratios` and spot klines over `crypto_bars`, as zips.

Like the bucket it lists files: those of one symbol's `metrics` in one year. Any other prefix gives an empty listing.

A market's `ts` is the end of its five minutes, the archive's convention until 2026-06-25: file D holds the labels from
00:05 of D to 00:00 of D+1. A symbol only sampled at midnight keeps each sample in the file of its own date.
The number of trades and the takers' part are not in a market and are given as 0; quote volume is volume times the
bar's mean price.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes

_HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
)
_METRICS = re.compile(r"futures/um/daily/metrics/(?P<symbol>\w+)/(?P=symbol)-metrics-(?P<when>\d{4}-\d\d-\d\d)\.zip")
_KLINES = re.compile(
    r"spot/(?P<cadence>daily|monthly)/klines/(?P<symbol>\w+)/(?P<interval>1h|1d)/"
    r"(?P=symbol)-(?P=interval)-(?P<when>\d{4}-\d\d(-\d\d)?)\.zip"
)
_METRICS_OF_YEAR = re.compile(r"data/(futures/um/daily/metrics/(\w+)/\2-metrics-)(\d{4})-")
_CHECKSUM = ".CHECKSUM"
_K = TypeVar("_K")
_V = TypeVar("_V")
_MICROSECONDS_FROM = datetime(2025, 1, 1, tzinfo=UTC)
_MONTHS_KEPT, _ZIPS_KEPT = 48, 400

_METRICS_SQL = """
SELECT file_date, string_agg(line, '' ORDER BY label)
FROM (
    SELECT label, CAST(label - to_minutes($shift) AS DATE) AS file_date,
        concat(strftime(label, '%Y-%m-%d %H:%M:%S'), ',', $symbol, ',', coalesce(format('{:.8f}', held), ''), ',',
            coalesce(format('{:.8f}', held_usd), ''), ',', coalesce(format('{:.8f}', top_account), ''), ',',
            coalesce(format('{:.8f}', top_position), ''), ',', coalesce(format('{:.8f}', global_account), ''), ',',
            coalesce(format('{:.8f}', taker_volume), ''), chr(10)) AS line
    FROM (
        SELECT CAST(ts AS TIMESTAMP) AS label, max(open_interest) AS held, max(open_interest_usd) AS held_usd,
            max(ratio) FILTER (ratio_kind = 'top_account') AS top_account,
            max(ratio) FILTER (ratio_kind = 'top_position') AS top_position,
            max(ratio) FILTER (ratio_kind = 'global_account') AS global_account,
            max(ratio) FILTER (ratio_kind = 'taker_volume') AS taker_volume
        FROM derivatives_ratios
        WHERE symbol = $symbol AND ts >= $first AND ts < $last
        GROUP BY ts
    )
)
GROUP BY file_date
"""
_KLINES_SQL = """
SELECT string_agg(concat(stamp, ',', format('{:.8f}', open), ',', format('{:.8f}', high), ',',
    format('{:.8f}', low), ',', format('{:.8f}', close), ',', format('{:.8f}', amount), ',',
    stamp_end - 1, ',', format('{:.8f}', quote), ',0,0,0,0', chr(10)), '' ORDER BY stamp)
FROM (
    SELECT *, coalesce(volume, 0) AS amount, coalesce(volume, 0) * (open + high + low + close) / 4 AS quote,
        epoch_us(open_time) // $unit AS stamp, epoch_us(open_time + to_hours($hours)) // $unit AS stamp_end
    FROM crypto_bars
    WHERE symbol = $symbol AND "interval" = $interval AND open_time >= $first AND open_time < $last
)
"""


def routes(market: Market) -> Routes:
    archive = _Archive(market)

    async def download(request: Request) -> Response:
        key = request.path_params["key"]
        wanted = key.removesuffix(_CHECKSUM)
        found = archive.file(wanted)
        if found is None:
            return _no_such_key(f"data/{key}")
        content, digest = found
        if key.endswith(_CHECKSUM):
            line = _checksum_line(wanted, digest)
            return Response(line, media_type="binary/octet-stream", headers={"ETag": _etag(line)})
        return Response(content, media_type="application/zip", headers={"ETag": _etag(content)})

    async def listing(request: Request) -> Response:
        prefix = request.query_params.get("prefix", "")
        files = "".join(
            f"<Contents><Key>{escape(key)}</Key><ETag>{escape(_etag(content))}</ETag>"
            f"<Size>{len(content)}</Size></Contents>"
            for key, content in archive.listed(prefix)
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>{escape(prefix)}</Prefix>'
            f"<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{files}</ListBucketResult>"
        )
        return Response(body, media_type="application/xml")

    return {"/data/{key:path}": download, "/": listing}


class _Archive:
    """Zips made on demand; one month of a symbol's text and the newest zips are kept, whatever the market's size."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._months: OrderedDict[tuple[str, date], dict[date, str]] = OrderedDict()
        self._zips: OrderedDict[str, tuple[bytes, str] | None] = OrderedDict()
        self._shifts: dict[str, int] = {}

    def file(self, key: str) -> tuple[bytes, str] | None:
        """The zip and its SHA-256, or None when it is not published."""
        return _kept(self._zips, key, _ZIPS_KEPT, lambda: self._file(key))

    def listed(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The keys below a prefix that names a symbol's metrics of one year, each with its content, in order."""
        found = _METRICS_OF_YEAR.fullmatch(prefix)
        if found is None:
            return
        beginning, symbol, year = found[1], found[2], int(found[3])
        day = max(date(year, 1, 1), self._first_day(symbol))
        while day.year == year and day <= self._market.last_day:
            key = f"{beginning}{day}.zip"
            if (zipped := self.file(key)) is not None:
                yield f"data/{key}", zipped[0]
                yield f"data/{key}{_CHECKSUM}", _checksum_line(key, zipped[1])
            day += timedelta(days=1)

    def _first_day(self, symbol: str) -> date:
        """The first day of which there may be a file; a symbol without any has none to the market's end."""
        ((first,),) = self._market.rows(
            "SELECT CAST(min(ts) AS DATE) FROM derivatives_ratios WHERE symbol = $symbol", symbol=symbol
        )
        return self._market.last_day if first is None else first - timedelta(days=1)

    def _file(self, key: str) -> tuple[bytes, str] | None:
        name = key.rsplit("/", 1)[-1].removesuffix(".zip") + ".csv"
        if match := _METRICS.fullmatch(key):
            text = self._metrics(match["symbol"], match["when"])
        elif match := _KLINES.fullmatch(key):
            text = self._klines(match["cadence"], match["symbol"], match["interval"], match["when"])
        else:
            return None
        if not text:
            return None
        content = _zipped(name, text)
        return content, hashlib.sha256(content).hexdigest()

    def _metrics(self, symbol: str, when: str) -> str | None:
        day = _day(when)
        if day is None or day > self._market.last_day:
            return None
        month = day.replace(day=1)
        text = _kept(self._months, (symbol, month), _MONTHS_KEPT, lambda: self._month(symbol, month)).get(day)
        return text and _HEADER + text

    def _month(self, symbol: str, month: date) -> dict[date, str]:
        if symbol not in self._shifts:
            self._shifts[symbol] = self._shift(symbol)
        shift = timedelta(minutes=self._shifts[symbol])
        first, last = _midnight(month) + shift, _midnight(_next_month(month)) + shift
        rows = self._market.rows(
            _METRICS_SQL, symbol=symbol, first=first, last=last, shift=self._shifts[symbol]
        )  # fmt: skip
        return dict(rows)

    def _shift(self, symbol: str) -> int:
        """Minutes from a file's midnight to its first label: five, or none where all samples are at midnight."""
        sql = "SELECT 1 FROM derivatives_ratios WHERE symbol = $symbol AND epoch_us(ts) % 86400000000 <> 0 LIMIT 1"
        return 5 if self._market.rows(sql, symbol=symbol) else 0

    def _klines(self, cadence: str, symbol: str, interval: str, when: str) -> str | None:
        first = _day(when if cadence == "daily" else f"{when}-01")
        if first is None or (cadence == "monthly") is not (len(when) == len("2026-01")):
            return None
        last = first + timedelta(days=1) if cadence == "daily" else _next_month(first)
        if last - timedelta(days=1) > self._market.last_day:
            return None
        text = self._market.rows(
            _KLINES_SQL,
            symbol=symbol,
            interval=interval,
            first=_midnight(first),
            last=_midnight(last),
            unit=1 if _midnight(first) >= _MICROSECONDS_FROM else 1000,
            hours=1 if interval == "1h" else 24,
        )[0][0]
        return None if text is None else str(text)


def _kept(cache: OrderedDict[_K, _V], key: _K, size: int, make: Callable[[], _V]) -> _V:
    if key in cache:
        cache.move_to_end(key)
        return cache[key]
    value = cache[key] = make()
    if len(cache) > size:
        cache.popitem(last=False)
    return value


def _checksum_line(key: str, digest: str) -> bytes:
    return f"{digest}  {key.rsplit('/', 1)[1]}\n".encode()


def _etag(content: bytes) -> str:
    """As S3 makes it: the MD5 of the object, in quotes."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _zipped(name: str, text: str) -> bytes:
    """Same text, same bytes: the entry carries no clock. Packed lightly: thousands are packed while a night waits."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, text, compresslevel=1)
    return buffer.getvalue()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _no_such_key(key: str) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        f"<Message>The specified key does not exist.</Message><Key>{escape(key)}</Key></Error>"
    )
    return Response(body, 404, media_type="application/xml")
