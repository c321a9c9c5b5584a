"""`rotation doctor`: what a home and its providers need, one line each, and what to do about what is wrong.

Belongs here: checks that change nothing. A check never raises: what it cannot find out is a finding too.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Literal
from urllib.parse import urlsplit

import duckdb

from ingestion.catalogue import datasets, entries, why_off
from ingestion.collect import Dataset, Known
from ingestion.errors import HomeBusyError, RotationError, SettingsError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import HttpClient, Limits
from ingestion.night import Night
from ingestion.settings import Home, ProviderUrls, Switches, read_settings
from ingestion.warehouse.lock import writer_lock
from orchestration.market import Kind, market_of

Verdict = Literal["ok", "note", "fix"]
GB = 1024**3
LEAST_FREE_BYTES, ENOUGH_FREE_BYTES = 2 * GB, 10 * GB
# A night's day and every `_known_at` come from this clock: minutes do not matter, an hour is another day somewhere.
LARGEST_CLOCK_ERROR_SECONDS = 120
_UNREADABLE_MARK = (OSError, ValueError, KeyError, TypeError)
_PATIENCE = Limits(attempts=1, connect_seconds=5, timeout_seconds=10, total_seconds=20)
# The cheapest answer of providers whose first planned request is a large one, or none.
_PROBES: Mapping[str, Request] = {
    "yahoo": Request("doctor", "/v8/finance/chart/SPY", {"interval": "1d", "range": "1d"}),
    "binance_vision": Request("doctor", "/data/spot/daily/klines/BTCUSDT/1d/BTCUSDT-1d-2024-01-01.zip.CHECKSUM"),
    "binance_futures": Request("doctor", "/fapi/v1/ping"),
    "coinmetrics": Request("doctor", "/catalog-v2/asset-metrics", {"assets": "btc", "metrics": "PriceUSD"}),
    "coingecko": Request("doctor", "/ping"),
    "ethereum": Request("doctor", "", json_body={"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}),
}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and for `fix` what to do."""

    subject: str
    verdict: Verdict
    found: str
    remedy: str = ""


def examine(home: Home, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[Finding]:
    """Every finding, in the order in which they matter."""
    found = [*settings(), *places(home), *warehouse(home)]
    try:
        market = market_of(home)
    except _UNREADABLE_MARK:
        market = None  # told above
    if market is not None and market.kind is not Kind.LIVE:
        return [*found, Finding("providers", "note", f"not asked: this home holds the {market.label}")]
    answers = ask_providers(ProviderUrls(), now)
    return [*found, clock(answers), *reachability(answers)]


def settings() -> Iterator[Finding]:
    """The environment as it is read: addresses, switches, paces, keys."""
    try:
        read_settings()
        urls, switches = ProviderUrls(), Switches()
        asked = [row for row in entries() if row.cadence != "dropped"]
        off = {f"{row.provider}/{row.dataset}": why_off(row, switches.enabled) for row in asked}
    except RotationError as error:
        yield Finding("settings", "fix", " ".join(str(error).split())[:300], "correct the variable that is named")
        return
    wrong = [name for name, url in urls.model_dump().items() if not _is_address(str(url))]
    for name in wrong:
        yield Finding(
            f"ROTATION_{name.upper()}",
            "fix",
            "this is not an address",
            "write it as https://host/path, or leave it out",
        )
    if not wrong:
        yield Finding("settings", "ok", "every variable can be read")
    yield from (Finding(name, "note", f"off: {reason}") for name, reason in off.items() if reason)


def places(home: Home) -> Iterator[Finding]:
    """Whether the home can be written, and for how long."""
    try:
        home.prepare()
    except RotationError as error:
        yield Finding("home", "fix", str(error), "set ROTATION_HOME to a folder that can be written")
        return
    yield Finding("home", "ok", str(home.home.resolve()))
    free = shutil.disk_usage(home.home).free
    told = f"{free / GB:.1f} GB free"
    # Publishing and replaying write a second copy beside the old one.
    needed = max(LEAST_FREE_BYTES, 2 * home.warehouse.stat().st_size if home.warehouse.exists() else 0)
    if free < needed:
        yield Finding("disk", "fix", told, f"free space: a night here needs {needed / GB:.1f} GB")
    else:
        yield Finding("disk", "note" if free < ENOUGH_FREE_BYTES else "ok", told)


def warehouse(home: Home) -> Iterator[Finding]:
    """Who writes, what the home holds, and whether its database opens."""
    try:
        with writer_lock(home.home, "doctor"):
            yield Finding("writer", "ok", "nobody is writing")
            yield _database(home)
    except HomeBusyError as error:
        yield Finding("writer", "note", str(error).split(":", 1)[0])
    except SettingsError as error:
        yield Finding("writer", "fix", str(error).split(":", 1)[0], "let this user write the home")
    try:
        market = market_of(home)
    except _UNREADABLE_MARK as error:
        yield Finding("market", "fix", f"the mark cannot be read ({error})", f"restore {home.home / 'market.json'}")
        return
    if market is None:
        yield Finding("market", "note", "none yet: the first run decides, live or sandbox")
    elif market.directory is not None and not market.directory.is_dir():
        yield Finding("market", "fix", f"its folder {market.directory} is gone", "put it back, or use another home")
    else:
        yield Finding("market", "ok", market.label)


def _database(home: Home) -> Finding:
    if not home.warehouse.exists():
        return Finding("warehouse", "note", "none yet: run 'rotation demo' or 'rotation refresh'")
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            ((night,),) = connection.execute("select max(night) from meta.request_outcomes").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        return Finding("warehouse", "fix", reason, "close what holds the file; if it is damaged, run 'rotation replay'")
    return Finding("warehouse", "ok", f"newest night {night}")


def ask_providers(urls: ProviderUrls, now: Callable[[], datetime]) -> dict[str, Exchange]:
    """One cheap request to each provider that is switched on, all at once."""
    first: dict[str, Dataset] = {}
    for dataset in datasets(Switches().enabled):
        if dataset.local is None:
            first.setdefault(dataset.source, dataset)
    with ThreadPoolExecutor(max(len(first), 1)) as pool:
        asked = {name: pool.submit(_ask, dataset, urls, now) for name, dataset in first.items()}
        return {name: answer.result() for name, answer in asked.items()}


def _ask(dataset: Dataset, urls: ProviderUrls, now: Callable[[], datetime]) -> Exchange:
    request = _PROBES.get(dataset.source) or Request("doctor", "")
    try:
        if dataset.source not in _PROBES:
            night = Night.latest(now())
            request = next(iter(dataset.plan(night, Known(night, now()))), request)
        client = HttpClient(
            getattr(urls, f"{dataset.source}_url"), _PATIENCE, secret_headers=dataset.headers(), clock=now
        )
        try:
            return client.send(request, dataset.judge)
        finally:
            client.close()
    except Exception as error:  # a fault of one source is a finding about it
        return Exchange(request, Outcome.UNREACHABLE, now(), error=f"it could not be asked: {type(error).__name__}")


def clock(answers: Mapping[str, Exchange]) -> Finding:
    """This machine's clock beside those of the providers."""
    errors = []
    for exchange in answers.values():
        try:
            errors.append((exchange.fetched_at - parsedate_to_datetime(exchange.headers["date"])).total_seconds())
        except (KeyError, ValueError, TypeError):
            continue
    if not errors:
        return Finding("clock", "note", "no provider told the time")
    error = median(errors)
    told = f"{abs(error):.0f} s {'ahead of' if error > 0 else 'behind'} the median of {len(errors)} providers"
    if abs(error) > LARGEST_CLOCK_ERROR_SECONDS:
        return Finding("clock", "fix", told, "set the clock (NTP): it decides which day a night is about")
    return Finding("clock", "ok", told)


def reachability(answers: Mapping[str, Exchange]) -> Iterator[Finding]:
    """How each provider answered. A refusal is permanent for this network and no fault of ours."""
    stand_ins = {row.provider: row.fallback for row in reversed(entries())}
    for provider, exchange in answers.items():
        told = " ".join((exchange.error or f"HTTP {exchange.status}").split())
        if exchange.status is None:
            remedy = f"check network, proxy and ROTATION_{provider.upper()}_URL"
            yield Finding(provider, "fix", f"unreachable: {told}", remedy)
        elif exchange.outcome is Outcome.BLOCKED:
            instead = ", ".join(stand_ins.get(provider, ())) or "nobody"
            yield Finding(provider, "note", f"{told}; in its place: {instead}")
        elif exchange.outcome in (Outcome.OK, Outcome.EMPTY):
            yield Finding(provider, "ok", told)
        else:
            yield Finding(provider, "note", f"it answers, but {exchange.outcome.value.replace('_', ' ')}: {told}")


def must_be_fixed(findings: Sequence[Finding]) -> bool:
    """Whether anything has to be done before a night can be trusted."""
    return any(finding.verdict == "fix" for finding in findings)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
