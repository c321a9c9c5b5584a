"""How these tests ask a server, and what they ask about."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

LAST_DAY = date(2026, 1, 16)
RECORDED = Path(__file__).parents[4] / "shared" / "real_market"


def bars(chart: requests.Response) -> list[tuple[date, float]]:
    """Dates and closes of a chart, read without the pipeline's parser."""
    result = chart.json()["chart"]["result"][0]
    zone = ZoneInfo(result["meta"]["exchangeTimezoneName"])
    days = [datetime.fromtimestamp(stamp, zone).date() for stamp in result["timestamp"]]
    return list(zip(days, result["indicators"]["quote"][0]["close"], strict=True))


class Client:
    """Asks a server as the pipeline does: with a browser-like agent."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "Mozilla/5.0"

    def get(self, path: str, **params: Any) -> requests.Response:
        return self._session.get(self.base + path, params=params, timeout=30, allow_redirects=False)

    def rpc(self, method: str, *params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        answer = self._session.post(f"{self.base}/ethereum", json=body, timeout=30, allow_redirects=False)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        assert found["id"] == 7
        return found
