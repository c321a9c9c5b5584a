"""Answers in the shape of their documentation where the sandbox has none: providers with a paid key, and funding.

By provider or by provider/dataset.
"""

from __future__ import annotations

import io
import json
import zipfile
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.ingestion.faults.bodies import checksum_line
from tests.ingestion.faults.server import Asked, Reply, Serve

_JSON = {"Content-Type": "application/json"}
_DAYS = 30
_EIGHT_HOURS = 8 * 3_600_000
_NIGHT_ENDS = 1_768_608_000_000  # 2026-01-17 00:00 UTC


def _cryptoquant(asked: Asked) -> Reply:
    params = dict(asked.params)
    if asked.path.endswith("/entity-list"):
        return _reply({"result": {"data": [{"name": "Binance", "symbol": "binance"}]}, **_success()})
    metric = asked.path.rsplit("/", 1)[1]
    name = metric if metric == "reserve" else f"{metric}_total"
    last = datetime.strptime(params["to"], "%Y%m%d").replace(tzinfo=UTC).date()
    rows = [{"date": str(day), name: 1000.5 + number} for number, day in enumerate(_days(last))]
    return _reply({"result": {"window": "day", "data": rows[::-1]}, **_success()})


def _binance_funding(asked: Asked) -> Reply:
    params = dict(asked.params)
    first, last = int(params["startTime"]), int(params["endTime"])
    stamps = range(first, min(last, first + _DAYS * 86_400_000), _EIGHT_HOURS)
    rows = [
        {"symbol": params["symbol"], "fundingRate": "0.00010000", "fundingTime": stamp + 3, "markPrice": "95000.1"}
        for stamp in stamps
    ]
    return _reply(rows)


def _archived_funding(asked: Asked) -> Reply:
    """A zip of the archive and its checksum, from the name that is asked for."""
    name = asked.path.rsplit("/", 1)[1].removesuffix(".CHECKSUM").removesuffix(".zip")
    year, month = (int(part) for part in name.split("-")[-2:])
    first = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000
    lines = [f"{first + number * _EIGHT_HOURS + 7},8,0.00010000" for number in range(3 * monthrange(year, month)[1])]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        text = "\n".join(["calc_time,funding_interval_hours,last_funding_rate", *lines])
        archive.writestr(zipfile.ZipInfo(f"{name}.csv"), text)
    if asked.path.endswith(".CHECKSUM"):
        return Reply(200, {"Content-Type": "text/plain"}, checksum_line(out.getvalue(), f"{name}.zip"))
    return Reply(200, {"Content-Type": "application/zip"}, out.getvalue())


def _bybit_funding(asked: Asked) -> Reply:
    params = dict(asked.params)
    last = int(params["endTime"]) // _EIGHT_HOURS * _EIGHT_HOURS
    stamps = range(last, max(int(params.get("startTime", 0)) - 1, last - 20 * _EIGHT_HOURS), -_EIGHT_HOURS)
    rows = [
        {"symbol": params["symbol"], "fundingRate": "0.0001", "fundingRateTimestamp": str(stamp)} for stamp in stamps
    ]
    return _reply({"retCode": 0, "retMsg": "OK", "result": {"category": "linear", "list": rows}})


def _okx_funding(asked: Asked) -> Reply:
    params = dict(asked.params)
    newest = int(params.get("after", _NIGHT_ENDS)) // _EIGHT_HOURS * _EIGHT_HOURS
    stamps = range(newest - _EIGHT_HOURS, max(int(params.get("before", 0)), newest - 20 * _EIGHT_HOURS), -_EIGHT_HOURS)
    rows = [
        {"instId": params["instId"], "fundingRate": "0.0001", "realizedRate": "0.0001", "fundingTime": str(stamp)}
        for stamp in stamps
    ]
    return _reply({"code": "0", "msg": "", "data": rows})


def _success() -> dict[str, Any]:
    return {"status": {"code": 200, "message": "success"}}


def _glassnode(asked: Asked) -> Reply:
    end = datetime.fromtimestamp(int(dict(asked.params)["u"]), UTC).date()
    stamps = [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in _days(end)[:-1]]
    return _reply([{"t": stamp, "v": 1000.5 + number} for number, stamp in enumerate(stamps)])


def _days(last: date) -> list[date]:
    return [last - timedelta(days=back) for back in reversed(range(_DAYS))]


def _reply(content: Any) -> Reply:
    return Reply(200, _JSON, json.dumps(content).encode())


DOCUMENTED: Mapping[str, Serve] = {
    "binance_vision/funding": _archived_funding,
    "binance_futures/funding": _binance_funding,
    "bybit/funding": _bybit_funding,
    "okx/funding": _okx_funding,
    "cryptoquant": _cryptoquant,
    "glassnode": _glassnode,
}
