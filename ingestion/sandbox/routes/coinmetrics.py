"""Coin Metrics' community API: prices, caps and supplies over `coin_caps`, BTC/ETH flows over `exchange_flows`.

An asset is the reference's id of the coin, else its ticker in lower case (of several, the coin that ranked best).
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox import reference
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes, listed, whole

_CAPS = {"PriceUSD": "price_usd", "CapMrktEstUSD": "market_cap_usd", "SplyCur": "circulating_supply"}
_LEDGER_CAP = "CapMrktCurUSD"
# Their supply can be read from their own ledger.
_LEDGER_ASSETS = frozenset({"btc", "eth", "xrp", "ltc", "bch", "doge", "ada", "etc", "zec", "dash", "link", "usdt"})
_FLOWS = {"FlowInExNtv": "inflow_native", "FlowOutExNtv": "outflow_native", "SplyExNtv": "reserve_native"}
_PAID = frozenset({"CapRealUSD", "SOPR", "NVTAdj", "TxTfrValAdjUSD", "FlowInBNBUSD", "FlowOutBNBUSD"})
_KNOWN = frozenset({*_CAPS, _LEDGER_CAP, *_FLOWS, *_PAID})
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
    metrics = dict.fromkeys(_CAPS, series.caps) if series.caps else {}
    if series.caps and asset in _LEDGER_ASSETS:
        metrics[_LEDGER_CAP] = series.caps
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


def _page(market: Market, assets: dict[str, _Series], request: Request) -> Response:
    asked = request.query_params
    wanted = sorted(set(listed(asked.get("assets"))))
    metrics = listed(asked.get("metrics"))
    _check(assets, wanted, metrics, ignore=asked.get("ignore_forbidden_errors") == "true")
    first = _date(asked.get("start_time"), date.min)
    last = min(_date(asked.get("end_time"), date.max), market.last_day)
    size = whole(asked.get("page_size"), _DEFAULT_PAGE)
    if size is None or not 1 <= size <= _LARGEST_PAGE:
        raise _Refused(400, "bad_parameter", f"Bad parameter 'page_size'. It must be between 1 and {_LARGEST_PAGE}.")
    if asked.get("frequency", "1d") != "1d":
        raise _Refused(400, "bad_parameter", "Bad parameter 'frequency'. Only 1d is served.")
    from_start = asked.get("paging_from", "end") == "start"
    counts = _counts(market, assets, wanted, metrics, first, last)
    total = sum(counts.values())
    done = _offset(asked.get("next_page_token"))
    start, end = (done, min(done + size, total)) if from_start else (max(total - done - size, 0), max(total - done, 0))
    body: dict[str, Any] = {
        "data": _rows(market, assets, counts, metrics, first, last, start, end),
    }
    if done + size < total:
        token = "0." + base64.urlsafe_b64encode(str(done + size).encode()).decode().rstrip("=")
        body["next_page_token"] = token
        body["next_page_url"] = str(request.url.include_query_params(next_page_token=token))
    return Response(json.dumps(body, separators=(",", ":")), media_type="application/json")


def _check(assets: dict[str, _Series], wanted: list[str], metrics: list[str], *, ignore: bool) -> None:
    for name, values in (("assets", wanted), ("metrics", metrics)):
        if not values:
            raise _Refused(400, "bad_parameter", f"Missing required parameter '{name}'.")
    for asset in wanted:
        if asset not in assets:
            raise _unknown("assets", asset)
    for metric in metrics:
        if metric not in _KNOWN:
            raise _unknown("metrics", metric)
    for asset in wanted:
        for metric in metrics:
            if not ignore and metric not in _open_metrics(asset, assets[asset]):
                raise _Refused(
                    403,
                    "forbidden",
                    f"Requested metric '{metric}' with frequency '1d' for asset '{asset}' is not available with"
                    " supplied credentials.",
                )


def _source(assets: dict[str, _Series], asset: str, metrics: list[str]) -> str | None:
    """Which file an asset's rows come from; None when it has none of the metrics. Both files: caps set the days."""
    available = _open_metrics(asset, assets[asset])
    caps = any(metric in available and metric not in _FLOWS for metric in metrics)
    flows = any(metric in available and metric in _FLOWS for metric in metrics)
    return "both" if caps and flows else "caps" if caps else "flows" if flows else None


_ROWS = {
    "caps": "SELECT date FROM coin_caps WHERE coin_id = $coin",
    "flows": "SELECT date FROM exchange_flows WHERE exchange = 'all_exchange' AND symbol = $ticker",
}


def _counts(
    market: Market, assets: dict[str, _Series], wanted: list[str], metrics: list[str], first: date, last: date
) -> dict[str, int]:
    """Rows per asset in the window, in the order of the answer."""
    sources = {asset: _source(assets, asset, metrics) for asset in wanted}
    coins = [series.coin_id for asset, source in sources.items() if source and (series := assets[asset]).coin_id]
    by_coin = dict(
        market.rows(
            "SELECT coin_id, count(*) FROM coin_caps WHERE list_contains($coins, coin_id) AND date BETWEEN $first"
            " AND $last GROUP BY coin_id",
            coins=coins or [""],
            first=first,
            last=last,
        )
    )
    counts: dict[str, int] = {}
    for asset, source in sources.items():
        if source == "caps":
            counts[asset] = by_coin.get(assets[asset].coin_id, 0)
        elif source:
            counts[asset] = len(_asset_days(market, assets[asset], source, first, last))
    return {asset: count for asset, count in counts.items() if count}


def _asset_days(market: Market, series: _Series, source: str, first: date, last: date) -> list[date]:
    parts = [sql for name, sql in _ROWS.items() if source in (name, "both")]
    values: dict[str, Any] = {"first": first, "last": last}
    if source in ("caps", "both"):
        values["coin"] = series.coin_id
    if source in ("flows", "both"):
        values["ticker"] = series.ticker
    sql = f"SELECT date FROM ({' UNION '.join(parts)}) WHERE date BETWEEN $first AND $last ORDER BY date"  # noqa: S608
    return [row[0] for row in market.rows(sql, **values)]


def _rows(
    market: Market,
    assets: dict[str, _Series],
    counts: dict[str, int],
    metrics: list[str],
    first: date,
    last: date,
    start: int,
    end: int,
) -> list[dict[str, Any]]:
    """Rows `start` to `end` of the whole answer, sorted by asset and day; only the assets they touch are read."""
    rows: list[dict[str, Any]] = []
    position = 0
    for asset, count in counts.items():
        low, high = max(start - position, 0), min(end - position, count)
        if low < high:
            rows += _asset_rows(market, asset, assets[asset], metrics, first, last)[low:high]
        position += count
    return rows


def _asset_rows(
    market: Market, asset: str, series: _Series, metrics: list[str], first: date, last: date
) -> list[dict[str, Any]]:
    available = _open_metrics(asset, series)
    by_day: dict[date, dict[str, Any]] = {}
    wanted_caps = [m for m in metrics if m in available and m not in _FLOWS]
    wanted_flows = [m for m in metrics if m in available and m in _FLOWS]
    window = {"first": first, "last": last}
    if wanted_caps:
        columns = ", ".join(_decimal(_CAPS.get(metric, "market_cap_usd")) for metric in wanted_caps)
        sql = f"SELECT date, {columns} FROM coin_caps WHERE coin_id = $coin AND date BETWEEN $first AND $last"  # noqa: S608
        for day, *values in market.rows(sql, coin=series.coin_id, **window):
            by_day.setdefault(day, {}).update(zip(wanted_caps, values, strict=True))
    if wanted_flows:
        columns = ", ".join(_decimal(_FLOWS[metric]) for metric in wanted_flows)
        sql = (
            f"SELECT date, {columns} FROM exchange_flows WHERE exchange = 'all_exchange' AND symbol = $ticker"  # noqa: S608
            " AND date BETWEEN $first AND $last"
        )
        for day, *values in market.rows(sql, ticker=series.ticker, **window):
            by_day.setdefault(day, {}).update(_with_status(market.last_day, day, wanted_flows, values))
    empty = dict.fromkeys([*wanted_caps, *wanted_flows])
    return [{"asset": asset, "time": _time(day), **empty, **by_day[day]} for day in sorted(by_day)]


def _with_status(last_day: date, day: date, metrics: list[str], values: list[Any]) -> dict[str, Any]:
    reviewed = day <= last_day - _REVIEWED_AFTER
    stamp = _time(day + (_REVIEWED_AFTER if reviewed else timedelta(days=1))).replace("T00:00", "T09:59")
    cells: dict[str, Any] = {}
    for metric, value in zip(metrics, values, strict=True):
        cells |= {
            metric: value,
            f"{metric}-status": "reviewed" if reviewed else "flash",
            f"{metric}-status-time": stamp,
        }
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
