"""What is asked of the archive for a night: one zip per symbol and day (or month), and what its checksum is.

A first night asks the whole history. Later ones ask for what is not complete, and for the checksums of files of some
ages up to thirty days, because files are re-issued without notice; a zip is downloaded again only when its checksum
changed. Every file of thirty days every night would be four times the requests for the same file a week sooner.

A history of days is half the requests with the bucket's listings (`listing`); each zip is held to its checksum as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.entry import Entry
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.gaps import months_lacking
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.binance_vision.bulk import parse_metrics_together
from ingestion.sources.binance_vision.listing import listed_etag
from ingestion.sources.binance_vision.models import FUNDING, KLINES, METRICS
from ingestion.sources.binance_vision.parse import (
    CHECKSUM,
    is_stated,
    parse_checksum,
    parse_funding,
    parse_klines,
    parse_metrics,
)
from ingestion.warehouse.coverage import DailyRows

INTERVALS = ("1h", "1d")
# A month's file appears in the first days of the next month; until then its days are asked one by one.
_MONTH_IS_LATE_DAYS = 5
# So long a missing file of a day is asked for every night.
_LATE_DAYS = 7


@dataclass(frozen=True)
class ArchiveFile:
    """One file of the archive, named by its folder and its name without an ending; `last_day` is the last it holds."""

    unit: str
    folder: str
    name: str
    last_day: date

    def request(self) -> Request:
        return Request(self.unit, f"/data/{self.folder}/{self.name}.zip")


def metrics_file(symbol: str, day: date) -> ArchiveFile:
    """The 5-minute metrics of a perpetual on one day."""
    return ArchiveFile(f"{symbol}/{day}", f"futures/um/daily/metrics/{symbol}", f"{symbol}-metrics-{day}", day)


def klines_file(symbol: str, interval: str, day: date, *, monthly: bool) -> ArchiveFile:
    """The spot bars of one day, or of the month that ends with `day`."""
    period = f"{day:%Y-%m}" if monthly else f"{day}"
    folder = f"spot/{'monthly' if monthly else 'daily'}/klines/{symbol}/{interval}"
    return ArchiveFile(f"{symbol}/{interval}/{period}", folder, f"{symbol}-{interval}-{period}", day)


def funding_file(symbol: str, month_end: date) -> ArchiveFile:
    """The funding settlements of a perpetual in one month."""
    period, folder = f"{month_end:%Y-%m}", f"futures/um/monthly/fundingRate/{symbol}"
    return ArchiveFile(f"{symbol}/{period}", folder, f"{symbol}-fundingRate-{period}", month_end)


def metrics(entry: Entry) -> Dataset:
    """Open interest and long/short ratios of every perpetual of the reference."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(METRICS, _metrics_rows),),
        partial(_plan_metrics, entry),
        _fetch_metrics,
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        daily=(DailyRows(METRICS, "symbol", "file_date", "create_time", rows="288"),),
        parse_together=_metrics_together,
    )


def klines(entry: Entry) -> Dataset:
    """Spot bars of the symbols in the catalogue: finished months as one file, the running month day by day."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(KLINES, _klines_rows),),
        partial(_plan_klines, entry),
        _fetch_klines,
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        daily=(
            DailyRows(
                KLINES,
                "symbol || '/' || interval",
                "open_time::date",
                "open_time",
                rows="case when symbol like '%/1h' then 24 else 1 end",
            ),
        ),
    )


def funding(entry: Entry) -> Dataset:
    """Funding of finished months, where the REST API has not given it: it gives the running month too."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(FUNDING, _funding_rows),),
        partial(_plan_funding, entry),
        _fetch_funding,
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        after=entry.after,
    )


def _plan_metrics(entry: Entry, night: Night, known: Known) -> list[Request]:
    days = [night.day - timedelta(days=back) for back in reversed(range(entry.history_days))]
    files = (
        metrics_file(perpetual.perpetual, day)
        for perpetual in reference.perpetuals()
        for day in days
        if perpetual.is_valid(day)
    )
    return _wanted(files, entry, known)


def _plan_klines(entry: Entry, night: Night, known: Known) -> list[Request]:
    files = (
        file
        for symbol, history in entry.symbols.items()
        for interval in INTERVALS
        for file in _klines_files(symbol, interval, night.day, history)
    )
    return _wanted(files, entry, known)


def _plan_funding(entry: Entry, _night: Night, known: Known) -> list[Request]:
    units = months_lacking(entry, known, reference.listed_perpetuals(), finished=True)
    return [funding_file(unit.subject, unit.last_day).request() for unit in units]


def _klines_files(symbol: str, interval: str, last_day: date, history: int) -> Iterator[ArchiveFile]:
    running = last_day.replace(day=1)
    month_end = running - timedelta(days=1)
    first_daily = month_end.replace(day=1) if last_day.day <= _MONTH_IS_LATE_DAYS else running
    oldest = last_day - timedelta(days=history - 1)
    while month_end >= oldest:
        yield klines_file(symbol, interval, month_end, monthly=True)
        month_end = month_end.replace(day=1) - timedelta(days=1)
    for offset in range((last_day - first_daily).days + 1):
        yield klines_file(symbol, interval, first_daily + timedelta(days=offset), monthly=False)


def _wanted(files: Iterable[ArchiveFile], entry: Entry, known: Known) -> list[Request]:
    """Files that are not complete, and complete ones that are due for another look at their checksum.

    A file that is still missing when the trailing window has passed is a hole for good: the symbol was not listed.
    """
    return [file.request() for file in files if _is_wanted(file, entry, known)]


def _is_wanted(file: ArchiveFile, entry: Entry, known: Known) -> bool:
    age = (known.night.day - file.last_day).days
    before = known.completed_before(file.unit)
    if before is not None:
        return _is_due(age, (before - file.last_day).days, entry)
    if known.last_outcome.get(file.unit) is Outcome.NOT_FOUND:
        return age < _LATE_DAYS or age in entry.rechecked
    return not known.completed_ever(file.unit) or age < entry.trailing_days


def _is_due(age: int, age_before: int, entry: Entry) -> bool:
    """Whether an age at which files are looked at lies between the last look and now: a night that was skipped is no
    look that was skipped."""
    if not entry.rechecked:
        return age < entry.trailing_days
    return any(age_before < at <= age for at in entry.rechecked)


def _fetch_metrics(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    day = date.fromisoformat(request.unit.split("/")[1])
    etag = None
    if (known.night.day - day).days >= _LATE_DAYS and request.unit not in known.landed_sha256:
        etag = yield from listed_etag(request, send, known)
    yield from _fetch(request, send, known, may_be_late=_is_new(day, known), etag=etag)


def _fetch_klines(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    period = request.unit.split("/")[2]
    if len(period) == len("2026-01-16"):
        return _fetch(request, send, known, may_be_late=_is_new(date.fromisoformat(period), known))
    return _fetch(request, send, known, may_be_late=_is_new_month(period, known))


def _fetch_funding(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    return _fetch(request, send, known, may_be_late=_is_new_month(request.unit.split("/")[1], known))


def _is_new_month(period: str, known: Known) -> bool:
    last_month = known.night.day.replace(day=1) - timedelta(days=1)
    return period == f"{last_month:%Y-%m}" and known.night.day.day <= _MONTH_IS_LATE_DAYS


def _is_new(day: date, known: Known) -> bool:
    return day >= known.night.day - timedelta(days=1)


def _fetch(
    request: Request, send: Send, known: Known, *, may_be_late: bool, etag: str | None = None
) -> Iterator[Exchange]:
    """The checksum, then the zip that it is about. `etag` is that of the checksum file where a listing has told it: the
    zip then comes first, and the file itself is asked for only where it says anything else."""
    name = request.path.rsplit("/", 1)[1]
    found = None
    if etag is not None:
        found = _dated(send(request), may_be_late=may_be_late)
        if found.outcome is not Outcome.OK or is_stated(etag, found.body_sha256, name):
            yield found
            return
    stated = send(replace(request, path=f"{request.path}{CHECKSUM}", kind="checksum"))
    try:
        expected = parse_checksum(stated.body, name) if stated.outcome is Outcome.OK else None
    except BadPayloadError as error:
        expected, stated = None, replace(stated, outcome=Outcome.BAD_PAYLOAD, error=str(error))
    if expected is None:
        yield _dated(stated, may_be_late=may_be_late)
        if found is not None:
            # The last one decides: a zip that is there is asked for again, whatever became of its checksum file.
            problem = f"{name} is not what was listed, and its checksum file cannot be read"
            yield replace(found, outcome=Outcome.BAD_PAYLOAD, error=problem)
        return
    yield stated
    if expected == known.landed_sha256.get(request.unit):
        return
    found = found or _dated(send(request), may_be_late=may_be_late)
    if found.outcome is Outcome.OK and found.body_sha256 != expected:
        problem = f"the sha256 of {name} is not the {expected[:12]}… that its checksum file states"
        found = replace(found, outcome=Outcome.BAD_PAYLOAD, error=problem)
    yield found


def _dated(exchange: Exchange, *, may_be_late: bool) -> Exchange:
    """A missing file of the newest days is late, an older one is missing."""
    if may_be_late and exchange.outcome is Outcome.NOT_FOUND:
        return replace(exchange, outcome=Outcome.NOT_YET)
    return exchange


def _metrics_together(exchanges: Sequence[Exchange]) -> list[pa.Table] | None:
    files = []
    for exchange in exchanges:
        symbol, day = exchange.request.unit.split("/")
        files.append((exchange.body, symbol, date.fromisoformat(day)))
    return parse_metrics_together(files)


def _metrics_rows(exchange: Exchange) -> pa.Table:
    symbol, day = exchange.request.unit.split("/")
    return parse_metrics(exchange.body, symbol, date.fromisoformat(day))


def _klines_rows(exchange: Exchange) -> pa.Table:
    symbol, interval, _ = exchange.request.unit.split("/")
    file_name = exchange.request.path.rsplit("/", 1)[1].removesuffix(".zip")
    return parse_klines(exchange.body, symbol, interval, file_name)


def _funding_rows(exchange: Exchange) -> pa.Table:
    symbol, _ = exchange.request.unit.split("/")
    return parse_funding(exchange.body, symbol, exchange.request.path.rsplit("/", 1)[1].removesuffix(".zip"))
