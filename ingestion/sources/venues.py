"""What the venues beside Binance share: their contracts, and the days and months they are asked for.

Belongs here: units of a venue that stands in for others. Endpoints, paging and rows belong to each venue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ingestion import reference
from ingestion.collect import Known
from ingestion.entry import Entry
from ingestion.gaps import Listed, days_lacking, months_lacking
from ingestion.night import Night
from ingestion.sources.reading import midnight

Span = tuple[str, str, datetime, datetime]
"""Name of the unit, contract of the venue, first moment, and the first moment after it."""


def hourly_days(entry: Entry, known: Known) -> Iterator[Span]:
    """Every day that this venue is asked for, of every contract, the newest first."""
    contracts = reference.venue_contracts(entry.provider)
    for unit in days_lacking(entry, known, _listed(entry.provider)):
        first = midnight(unit.last_day)
        yield unit.name, contracts[unit.subject], first, first + timedelta(days=1)


def funding_months(entry: Entry, night: Night, known: Known) -> Iterator[Span]:
    """Every month, the running one up to the night's own day."""
    contracts = reference.venue_contracts(entry.provider)
    for unit in months_lacking(entry, known, _listed(entry.provider)):
        end = midnight(min(unit.last_day, night.day)) + timedelta(days=1)
        yield unit.name, contracts[unit.subject], midnight(unit.first_day), end


def _listed(venue: str) -> Listed:
    held = reference.venue_contracts(venue)
    return {name: is_listed for name, is_listed in reference.listed_perpetuals().items() if name in held}
