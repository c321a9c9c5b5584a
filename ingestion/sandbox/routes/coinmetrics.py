"""Coin Metrics' community API: prices, caps and supplies over `coin_caps`, BTC/ETH flows over `exchange_flows`.

An asset is the reference's id of the coin, else its ticker in lower case (of several, the coin that ranked best).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox import reference
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, listed, whole

_LEDGER_CAP = "CapMrktCurUSD"
_CAP_METRICS = {
    "PriceUSD": "price_usd",
    "CapMrktEstUSD": "market_cap_usd",
    _LEDGER_CAP: "market_cap_usd",
    "SplyCur": "circulating_supply",
}
# Their supply can be read from their own ledger.
_LEDGER_ASSETS = frozenset({"btc", "eth", "xrp", "ltc", "bch", "doge", "ada", "etc", "zec", "dash", "link", "usdt"})
_FLOWS = {"FlowInExNtv": "inflow_native", "FlowOutExNtv": "outflow_native", "SplyExNtv": "reserve_native"}
_PAID = frozenset({"CapRealUSD", "SOPR", "NVTAdj", "TxTfrValAdjUSD", "FlowInBNBUSD", "FlowOutBNBUSD"})
_KNOWN = frozenset({*_CAP_METRICS, *_FLOWS, *_PAID})
_DEFAULT_PAGE, _LARGEST_PAGE = 100, 10_000
_REVIEWED_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class _Series:
    """Where an asset's rows are: its coin (caps) and its ticker (flows), and the days each has."""

    coin_id: str | None
    caps: tuple[date, date] | None
    ticker: str | None
    flows: tuple[date, date] | None


class _Refused(Exception):  # noqa: N818 - an answer, not a failure
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.response = JSONResponse({"error": {"type": kind, "message": message}}, status)


def routes(market: Market) -> Routes:
    assets = _assets(market)

    async def catalog(request: Request) -> Response:
        wanted = listed(request.query_params.get("assets"))
        metrics = listed(request.query_params.get("metrics"))
        if unknown := [asset for asset in wanted if asset not in assets]:
            return _unknown("assets", unknown[0]).response
        data = [_entry(asset, assets[asset], metrics) for asset in wanted or sorted(assets)]
        return JSONResponse({"data": [entry for entry in data if entry["metrics"]]})

    async def timeseries(request: Request) -> Response:
        try:
            return _page(market, assets, request)
        except _Refused as refused:
            return refused.response

    return {"/catalog-v2/asset-metrics": catalog, "/timeseries/asset-metrics": timeseries}


def _assets(market: Market) -> dict[str, _Series]:
    known = {row["coin_id"]: row["coinmetrics_asset"] for row in reference.rows("coins")}
    found: dict[str, _Series] = {}
    coins = market.rows(
        "SELECT coin_id, lower(any_value(symbol)), min(date), max(date) FROM coin_caps GROUP BY coin_id"
        ' ORDER BY min("rank"), coin_id'
    )
    flows = market.rows(
        "SELECT symbol, min(date), max(date) FROM exchange_flows WHERE exchange = 'all_exchange' GROUP BY symbol"
    )
    # The reference's own ids first: a reused ticker must not take them.
    for coin_id, ticker, first, last in sorted(coins, key=lambda coin: coin[0] not in known):
        found.setdefault(known.get(coin_id, ticker), _Series(coin_id, (first, last), None, None))
    for ticker, first, last in flows:
        asset = ticker.lower()
        caps = found.get(asset, _Series(None, None, None, None))
        found[asset] = _Series(caps.coin_id, caps.caps, ticker, (first, last))
    return found


def _open_metrics(asset: str, series: _Series) -> dict[str, tuple[date, date]]:
    """What a keyless caller may read of an asset, with the days it has."""
    metrics = dict.fromkeys(_CAP_METRICS, series.caps) if series.caps else {}
    if asset not in _LEDGER_ASSETS:
        metrics.pop(_LEDGER_CAP, None)
    if series.flows:
        metrics |= dict.fromkeys(_FLOWS, series.flows)
    return {metric: span for metric, span in metrics.items() if span}


def _entry(asset: str, series: _Series, wanted: list[str]) -> dict[str, Any]:
    metrics = [
        {
            "metric": metric,
            "frequencies": [
                {"frequency": "1d", "min_time": _time(span[0]), "max_time": _time(span[1]), "community": True}
            ],
        }
        for metric, span in sorted(_open_metrics(asset, series).items())
        if not wanted or metric in wanted
    ]
    return {"asset": asset, "metrics": metrics}


@dataclass(frozen=True)
class _Question:
    """What is asked: assets in the order of the answer, metrics, and the days."""

    assets: dict[str, _Series]
    metrics: list[str]
    first: date
    last: date

    def metrics_of(self, asset: str, kind: Collection[str]) -> list[str]:
        """The asked metrics of one kind that the asset has."""
        open_to_all = _open_metrics(asset, self.assets[asset])
        return [metric for metric in self.metrics if metric in kind and metric in open_to_all]

    def with_any(self, kind: Collection[str], among: Iterable[str]) -> list[str]:
        return [asset for asset in among if self.metrics_of(asset, kind)]


def _page(market: Market, assets: dict[str, _Series], request: Request) -> Response:
    asked = request.query_params
    wanted = sorted(set(listed(asked.get("assets"))))
    metrics = listed(asked.get("metrics"))
    _check(assets, wanted, metrics, ignore=asked.get("ignore_forbidden_errors") == "true")
    size = whole(asked.get("page_size"), _DEFAULT_PAGE)
    if size is None or not 1 <= size <= _LARGEST_PAGE:
        raise _Refused(400, "bad_parameter", f"Bad parameter 'page_size'. It must be between 1 and {_LARGEST_PAGE}.")
    if asked.get("frequency", "1d") != "1d":
        raise _Refused(400, "bad_parameter", "Bad parameter 'frequency'. Only 1d is served.")
    first = _date(asked.get("start_time"), date.min)
    last = min(_date(asked.get("end_time"), date.max), market.last_day)
    question = _Question({asset: assets[asset] for asset in wanted}, metrics, first, last)
    counts = _counts(market, question)
    total, done = sum(counts.values()), _offset(asked.get("next_page_token"))
    if asked.get("paging_from", "end") == "start":
        span = range(done, min(done + size, total))
    else:
        span = range(max(total - done - size, 0), max(total - done, 0))
    body: dict[str, Any] = {"data": _rows(market, question, counts, span)}
    if done + size < total:
        token = "0." + base64.urlsafe_b64encode(str(done + size).encode()).decode().rstrip("=")
        body["next_page_token"] = token
        body["next_page_url"] = str(request.url.include_query_params(next_page_token=token))
    return Response(json.dumps(body, separators=(",", ":")), media_type="application/json")


def _check(assets: dict[str, _Series], wanted: list[str], metrics: list[str], *, ignore: bool) -> None:
    for name, values, known in (("assets", wanted, assets), ("metrics", metrics, _KNOWN)):
        if not values:
            raise _Refused(400, "bad_parameter", f"Missing required parameter '{name}'.")
        if unknown := [value for value in values if value not in known]:
            raise _unknown(name, unknown[0])
    closed = ((a, m) for a in wanted for m in metrics if m not in _open_metrics(a, assets[a]))
    if not ignore and (pair := next(closed, None)):
        raise _Refused(
            403,
            "forbidden",
            f"Requested metric '{pair[1]}' with frequency '1d' for asset '{pair[0]}' is not available with supplied"
            " credentials.",
        )


def _counts(market: Market, question: _Question) -> dict[str, int]:
    """Rows per asset, in the order of the answer: the days on which a file it is asked from has it."""
    caps = question.with_any(_CAP_METRICS, question.assets)
    by_coin = dict(
        market.rows(
            "SELECT coin_id, count(*) FROM coin_caps WHERE list_contains($keys, coin_id)"
            " AND date BETWEEN $first AND $last GROUP BY coin_id",
            keys=[question.assets[asset].coin_id for asset in caps] or [""],
            first=question.first,
            last=question.last,
        )
    )
    counts = {asset: by_coin.get(question.assets[asset].coin_id, 0) for asset in caps}
    for asset in question.with_any(_FLOWS, question.assets):
        counts[asset] = len(_values(market, question, [asset]))
    return {asset: counts[asset] for asset in question.assets if counts.get(asset)}


def _rows(market: Market, question: _Question, counts: dict[str, int], span: range) -> list[dict[str, Any]]:
    """Rows `span` of the whole answer, sorted by asset and day; only the assets they touch are read."""
    parts: dict[str, slice] = {}
    position = 0
    for asset, count in counts.items():
        low, high = max(span.start - position, 0), min(span.stop - position, count)
        if low < high:
            parts[asset] = slice(low, high)
        position += count
    values = _values(market, question, list(parts))
    days: dict[str, list[date]] = {asset: [] for asset in parts}
    for asset, day in sorted(values):
        days[asset].append(day)
    rows = []
    for asset, part in parts.items():
        empty = dict.fromkeys(question.metrics_of(asset, _CAP_METRICS) + question.metrics_of(asset, _FLOWS))
        rows += [{"asset": asset, "time": _time(day), **empty, **values[asset, day]} for day in days[asset][part]]
    return rows


def _values(market: Market, question: _Question, assets: list[str]) -> dict[tuple[str, date], dict[str, Any]]:
    """The cells of each asset and day, from both files."""
    cells: dict[tuple[str, date], dict[str, Any]] = {}
    window = {"first": question.first, "last": question.last}
    by_coin = {question.assets[asset].coin_id: asset for asset in question.with_any(_CAP_METRICS, assets)}
    if by_coin:
        columns = ", ".join(_decimal(column) for column in _CAP_METRICS.values())
        sql = f"SELECT coin_id, date, {columns} FROM coin_caps WHERE list_contains($keys, coin_id)"  # noqa: S608
        sql += " AND date BETWEEN $first AND $last"
        wanted = {asset: question.metrics_of(asset, _CAP_METRICS) for asset in by_coin.values()}
        for coin_id, day, *numbers in market.rows(sql, keys=list(by_coin), **window):
            asset = by_coin[coin_id]
            row = dict(zip(_CAP_METRICS, numbers, strict=True))
            cells[asset, day] = {metric: row[metric] for metric in wanted[asset]}
    by_ticker = {question.assets[asset].ticker: asset for asset in question.with_any(_FLOWS, assets)}
    if by_ticker:
        columns = ", ".join(_decimal(column) for column in _FLOWS.values())
        sql = f"SELECT symbol, date, {columns} FROM exchange_flows WHERE exchange = 'all_exchange'"  # noqa: S608
        sql += " AND list_contains($keys, symbol) AND date BETWEEN $first AND $last"
        for ticker, day, *numbers in market.rows(sql, keys=list(by_ticker), **window):
            asset = by_ticker[ticker]
            row = dict(zip(_FLOWS, numbers, strict=True))
            wanted_flows = {metric: row[metric] for metric in question.metrics_of(asset, _FLOWS)}
            cells.setdefault((asset, day), {}).update(_with_status(market.last_day, day, wanted_flows))
    return cells


def _with_status(last_day: date, day: date, values: dict[str, Any]) -> dict[str, Any]:
    reviewed = day <= last_day - _REVIEWED_AFTER
    stamp = _time(day + (_REVIEWED_AFTER if reviewed else timedelta(days=1))).replace("T00:00", "T09:59")
    cells: dict[str, Any] = {}
    for metric, value in values.items():
        state = "reviewed" if reviewed else "flash"
        cells |= {metric: value, f"{metric}-status": state, f"{metric}-status-time": stamp}
    return cells


def _decimal(column: str) -> str:
    """A number as plain decimal text: no exponent, no trailing zeros."""
    text = f"CAST(CAST({column} AS DECIMAL(38, 12)) AS VARCHAR)"
    return f"rtrim(rtrim({text}, '0'), '.')"


def _unknown(parameter: str, value: str) -> _Refused:
    return _Refused(400, "bad_parameter", f"Bad parameter '{parameter}'. Value '{value}' is not supported.")


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000000000Z"


def _date(text: str | None, default: date) -> date:
    if not text:
        return default
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _Refused(400, "bad_parameter", f"Bad parameter time '{text}': write it as YYYY-MM-DD.") from error


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        text = token.removeprefix("0.")
        return max(int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))), 0)
    except (ValueError, binascii.Error) as error:
        raise _Refused(400, "bad_parameter", "Bad parameter 'next_page_token'.") from error
