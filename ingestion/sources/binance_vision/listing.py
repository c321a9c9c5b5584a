"""Listings of the bucket behind the archive: what the checksum files of a symbol's year say, by one request.

A listing gives the MD5 of every file, and so of every checksum file. Who has a zip makes the one line that its checksum
file must consist of and compares the MD5s: that the zip is the one of the checksum is then known without asking for it.
Belongs here: asking for a listing once in a run, by whichever worker comes first. Where there is none, or a file is not
in it, checksums are asked for file by file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Mapping
from dataclasses import replace
from threading import Lock

from ingestion.collect import Known, Send
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.sources.binance_vision.parse import parse_listing

KIND = "listing"
# Workers are a few units apart, so what is older is not needed again: a long history fills no memory.
_KEPT = 32


class _Listings:
    """What the listings of one run say. One that is refused, or is none, is the last: a mirror need not give any."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._are_given = True
        self._etags: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    def etags(self, request: Request, send: Send) -> tuple[Exchange | None, Mapping[str, str]]:
        """The listing that had to be asked for, or None, and what it says."""
        prefix = request.params["prefix"]
        with self._guard:
            if prefix in self._etags or not self._are_given:
                return None, self._etags.get(prefix, {})
            asked, found = _asked(request, send)
            self._are_given = asked.outcome is Outcome.OK
            self._etags[prefix] = found
            if len(self._etags) > _KEPT:
                self._etags.popitem(last=False)
            return asked, found


def listed_etag(request: Request, send: Send, known: Known) -> Generator[Exchange, None, str | None]:
    """The ETag of the checksum file of a symbol's day, or None; yields the listing when it had to be asked for.

    A listing names a thousand files at most: the two of each day of a year.
    """
    _, day = request.unit.split("/")
    prefix = request.path.removeprefix("/").removesuffix(f"{day[4:]}.zip") + "-"
    listings: _Listings = known.notes.setdefault(KIND, _Listings())
    listing, etags = listings.etags(Request(request.unit, "/", {"prefix": prefix}, kind=KIND), send)
    if listing is not None:
        yield listing
    return etags.get(request.path)


def _asked(request: Request, send: Send) -> tuple[Exchange, Mapping[str, str]]:
    listing = send(request)
    if listing.outcome is not Outcome.OK:
        return listing, {}
    try:
        return listing, parse_listing(listing.body)
    except BadPayloadError as error:
        return replace(listing, outcome=Outcome.BAD_PAYLOAD, error=str(error)), {}
