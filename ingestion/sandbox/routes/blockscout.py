"""An indexer over `token_transfers`: Transfer logs of one contract in pages of a thousand, and its newest block."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.ethereum import Chain, log_of
from ingestion.sandbox.routes.wire import Routes, whole

_PAGE_ROWS = 1000


def routes(market: Market) -> Routes:
    chain = Chain(market)

    async def api(request: Request) -> Response:
        asked = request.query_params
        if (asked.get("module"), asked.get("action")) == ("block", "eth_block_number"):
            return JSONResponse({"jsonrpc": "2.0", "id": 1, "result": hex(chain.head)})
        first, last = (whole(asked.get(name), -1) for name in ("fromBlock", "toBlock"))
        if asked.get("action") != "getLogs" or first is None or last is None or not 0 <= first <= last:
            return _answer("0", "Required query parameters are missing or wrong", None)
        rows = market.rows(
            "SELECT * FROM token_transfers WHERE contract = $contract AND block_number BETWEEN $first AND $last"
            " ORDER BY block_number, log_index LIMIT $most",
            contract=asked.get("address", "").lower(),
            first=first,
            last=last,
            most=_PAGE_ROWS,
        )
        if not rows:
            return _answer("0", "No logs found", [])
        # Three topics are padded to four.
        return _answer("1", "OK", [log | {"topics": [*log["topics"], None]} for log in map(log_of, rows)])

    return {"/api": api}


def _answer(status: str, message: str, result: object) -> Response:
    return JSONResponse({"message": message, "result": result, "status": status})
