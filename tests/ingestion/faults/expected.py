"""What each fault must become, and the exceptions with their reasons.

A fault is *refused* (an outcome that says so, nothing loaded), *harmless* (the rows of an undisturbed night) or
*noticed* (something else is loaded, and a rule of the raw suite or the coverage ledger says so the same night).
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.ingestion.faults.examples import LISTING
from tests.ingestion.faults.run import ATTEMPTS, Cell

_UNREACHABLE, _REFUSED = "unreachable", "bad_payload"
HARMLESS = "ok, same rows"
LEFT_OUT = "ok, fewer rows"
UNKNOWN = "ok, unknown rows"
OTHER = "ok, other rows"
NOTICED = "noticed"
_SERVER_ERROR = "server_error"

# fault → the verdicts that are right for every dataset.
RIGHT: Mapping[str, tuple[str, ...]] = {
    "DNS failure": (_UNREACHABLE,),
    "connection refused": (_UNREACHABLE,),
    "connection reset": (_UNREACHABLE,),
    "timeout": (_UNREACHABLE,),
    "slow drip": (_UNREACHABLE,),
    "status 400": ("bad_request",),
    "status 401": ("blocked",),
    "status 403": ("blocked",),
    "status 404": ("not_found",),
    "status 418": ("rate_limited",),
    "status 429 with Retry-After: 7": ("rate_limited",),
    "status 429": ("rate_limited",),
    "status 451": ("blocked",),
    **{f"status {status}": (_SERVER_ERROR,) for status in range(500, 505)},
    "truncated body": (_UNREACHABLE,),
    "chunks without an end": (_UNREACHABLE,),
    "truncated gzip": (_UNREACHABLE,),
    "wrong content type, right body": (HARMLESS,),
    "document of another type": (_REFUSED,),
    "HTML error page under 200": (_REFUSED,),
    "empty body": (_REFUSED,),
    "gzip bomb": (_REFUSED,),
    "huge body": (_REFUSED,),
    "redirect to elsewhere": (_REFUSED,),
    "empty list": (_REFUSED, "empty"),
    "missing field": (_REFUSED,),
    "extra field": (HARMLESS,),
    "retyped field": (_REFUSED,),
    "null": (_REFUSED, UNKNOWN),
    "NaN": (_REFUSED,),
    "negative": (_REFUSED, NOTICED),
    "duplicate": (_REFUSED, HARMLESS),
    "out of order": (HARMLESS,),
    "future stamp": (_REFUSED, HARMLESS, NOTICED),
    "wrong symbol in the answer": (_REFUSED,),
    "page that repeats": (_REFUSED, HARMLESS),
    "page that stops early": (_REFUSED, NOTICED),
}
# Faults of a listing after which the provider is left alone or was never there. After any other the checksum of the
# file is asked for instead, and its rows are those of an undisturbed night.
_ENDS_THE_NIGHT = {"DNS failure", "connection refused", "status 418", "status 451"}
# Asked as often as its class allows, and not more; whatever else is not asked again.
_ASKED_AGAIN = (_UNREACHABLE, _SERVER_ERROR, "rate_limited")
_ASKED_ONCE = ("status 418",)  # a ban without an end

_POSITIONAL = "fields are known by their position: a new one means another layout, and a person looks"
_NAMELESS = "the answer does not say whom it is about; only a comparison with another provider can"
_GAPS = "a bar without a close is no bar: it is left out, and the next provider is asked for that session"
_SIGNED = "below zero is an ordinary value of this"
_NO_TRANSFER = "blocks without a transfer are ordinary; the ranges table says that they were asked for"
_ONE_OF_FOUR = "one answer of several: it is landed as empty, and the part is missing in staging, not zero"
_A_LIST_OF_NAMES = "a list without days or numbers: whatever it names is an address, and a gate judges its form"
_NONE_TAKEN_AWAY = "an address once published stays labelled: a shorter list takes none away"
_ARCHIVE_BLANK = "a blank or NaN in the archive is a missing value, kept as null"
# (dataset or provider, fault) → the verdict there and why it is right.
EXCEPTIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("cboe/closes", "extra field"): (_REFUSED, _POSITIONAL),
    ("fred/closes", "extra field"): (_REFUSED, _POSITIONAL),
    ("binance_vision/klines", "extra field"): (_REFUSED, _POSITIONAL),
    ("okx/ratios", "extra field"): (_REFUSED, _POSITIONAL),
    ("okx/open_interest", "extra field"): (_REFUSED, _POSITIONAL),
    ("yahoo/chart", "null"): (LEFT_OUT, _GAPS),
    ("cboe/bars", "null"): (LEFT_OUT, _GAPS),
    ("nasdaq/bars", "null"): (LEFT_OUT, _GAPS),
    ("fred/closes", "null"): (LEFT_OUT, "a day without a value is a holiday there"),
    ("cboe/bars", "page that stops early"): (LEFT_OUT, "a stand-in: the sessions still missing are asked of the next"),
    ("binance_vision/metrics", "NaN"): (UNKNOWN, _ARCHIVE_BLANK),
    ("binance_vision/funding", "negative"): (OTHER, _SIGNED),
    ("binance_futures/funding", "negative"): (OTHER, _SIGNED),
    ("bybit/funding", "negative"): (OTHER, _SIGNED),
    ("okx/funding", "negative"): (OTHER, _SIGNED),
    ("cryptoquant/exchange_flows", "negative"): (OTHER, _SIGNED),
    ("glassnode", "negative"): (OTHER, _SIGNED),
    ("cryptoquant/exchange_flows", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("glassnode", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("coingecko/markets", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("coinmarketcap/listings", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("coinmarketcap/total", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("okx/ratios", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("okx/open_interest", "wrong symbol in the answer"): (OTHER, _NAMELESS),
    ("binance_futures/ratios", "empty list"): (LEFT_OUT, _ONE_OF_FOUR),
    ("okx/ratios", "empty list"): (LEFT_OUT, _ONE_OF_FOUR),
    ("cryptoquant/exchange_flows", "empty list"): (NOTICED, _ONE_OF_FOUR),
    ("coinmetrics/asset_metrics", "empty list"): (LEFT_OUT, _ONE_OF_FOUR),
    ("coinmetrics/asset_metrics", "missing field"): (NOTICED, "an absent metric means: not supported for that asset"),
    ("coinmetrics/asset_metrics", "page that repeats"): (
        "bad_payload, fewer rows",
        "the page itself was good; the unit is not complete and is asked again",
    ),
    ("binance_reserves/addresses", "future stamp"): (OTHER, _A_LIST_OF_NAMES),
    ("binance_reserves/addresses", "wrong symbol in the answer"): (OTHER, _A_LIST_OF_NAMES),
    ("binance_reserves/addresses", "page that stops early"): (LEFT_OUT, _NONE_TAKEN_AWAY),
    ("ethereum/blocks", "duplicate"): (_REFUSED, "one block was asked for"),
    ("ethereum/transfers", "empty list"): ("empty, other rows", _NO_TRANSFER),
    ("ethereum/transfers", "page that stops early"): (OTHER, _NO_TRANSFER),
    ("ethereum/transfers", "status 504"): ("bad_request", "the range is too wide for the node: it is halved and asked"),
    ("blockscout/transfers", "empty list"): ("empty, other rows", _NO_TRANSFER),
    ("blockscout/transfers", "page that stops early"): (OTHER, _NO_TRANSFER),
    ("blockscout/transfers", "out of order"): (_REFUSED, "pages are cut by blocks: only logs in order show where"),
    ("coinmarketcap/listings", "page that stops early"): (
        LEFT_OUT,
        "of a day alone nobody knows where it ends; beside other days `shortest_listing_beside_the_longest` shows it",
    ),
    ("coingecko/markets", "page that stops early"): (
        LEFT_OUT,
        "a short page is the last one; when another follows, `ranks_missing` shows the hole",
    ),
}


def expected(cell: Cell) -> tuple[tuple[str, ...], str | None]:
    """The verdicts that are right for a cell, and the reason where it is an exception."""
    if cell.dataset.endswith(LISTING):
        rows = "none" if cell.fault in _ENDS_THE_NIGHT else "same"
        return tuple(_with_rows(word, rows) for word in RIGHT[cell.fault]), None
    for name in (cell.dataset, cell.dataset.split("/", maxsplit=1)[0]):
        if found := EXCEPTIONS.get((name, cell.fault)):
            return (found[0],), found[1]
    return RIGHT[cell.fault], None


def _with_rows(verdict: str, rows: str) -> str:
    """The verdict where the outcome says nothing of the rows."""
    return verdict if verdict == HARMLESS or rows == "none" else f"{verdict}, {rows} rows"


def problem(cell: Cell) -> str | None:
    """Why a cell is not what it must be; None when it is."""
    right, _ = expected(cell)
    verdicts = {cell.verdict, *([NOTICED] if cell.caught_by and cell.outcome == "ok" else [])}
    if not verdicts.intersection(right):
        caught = f", caught by {', '.join(cell.caught_by)}" if cell.caught_by else ", caught by nothing"
        return f"{cell.dataset} under '{cell.fault}' is '{cell.verdict}'{caught}; right is {' or '.join(right)}"
    if cell.outcome not in {"ok", "empty"} and not cell.error:
        return f"{cell.dataset} under '{cell.fault}' fails without a word"
    asked = ATTEMPTS if cell.outcome in _ASKED_AGAIN and cell.fault not in _ASKED_ONCE else 1
    if cell.sent not in (0, asked):  # 0: nobody was there to ask
        return f"{cell.dataset} under '{cell.fault}' was asked {cell.sent} times and not {asked}"
    return None
