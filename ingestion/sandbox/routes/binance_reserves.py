"""Binance's proof of reserves: the wallets that it disclosed, once for each asset, and what is not to be counted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox import reference
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes

_DISCLOSED = "binance-disclosure"
_ASSETS = 2
_ELSEWHERE = {"network": "ETH", "address": f"0x{'c5' * 20}", "thirdPartyCustodianName": "Ceffu"}
_OF_BITCOIN = {"network": "BTC", "address": "34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo", "thirdPartyCustodianName": ""}


def routes(_market: Market) -> Routes:
    wallets = [row["address"] for row in reference.rows("exchange_wallets") if _DISCLOSED in row["source"]]
    direct = [{"network": "ETH", "address": address, "thirdPartyCustodianName": ""} for address in wallets]

    async def addresses(_request: Request) -> Response:
        return JSONResponse({"code": "000000", "message": None, "data": [_OF_BITCOIN, *direct * _ASSETS, _ELSEWHERE]})

    return {"/bapi/apex/v1/public/apex/market/por/address": addresses}
