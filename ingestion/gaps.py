"""What a dataset is asked for that stands in for others: the units that none of them completed.

Datasets that stand in for each other name their units alike, `<subject>/<period>`, whatever a provider calls the
subject. Belongs here: days and months as units, and reading the ledger for them. Who is listed belongs to a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.collect import Known
from ingestion.entry import Entry
from ingestion.exchange import COMPLETE, Outcome
from ingestion.night import Night

Listed = Mapping[str, Callable[[date], bool]]
"""Subjects, each with whether it was listed on a day."""

_ABSENT = (Outcome.NOT_FOUND, Outcome.NOT_YET)
_NEVER = "9999"


@dataclass(frozen=True)
class Unit:
    """One subject over one period: `period` as the unit names it, `last_day` its last day."""

    subject: str
    period: str
    last_day: date

    @property
    def name(self) -> str:
        return f"{self.subject}/{self.period}"

    @property
    def first_day(self) -> date:
        """The first day of a month, or the day itself."""
        return date.fromisoformat(self.period if len(self.period) > len("2026-01") else f"{self.period}-01")


def days_lacking(entry: Entry, known: Known, listed: Listed) -> list[Unit]:
    """The days of the entry's history that neither it nor the datasets it stands in for have; the newest first.

    None that the provider no longer keeps, which it counts back from today and not from the night."""
    oldest = max(_kept_since(entry, known), known.night.day - timedelta(days=entry.history_days - 1))
    days = [known.night.day - timedelta(days=back) for back in range((known.night.day - oldest).days + 1)]
    units = [Unit(subject, str(day), day) for day in days for subject, is_listed in listed.items() if is_listed(day)]
    return _lacking(entry, known, units, empty_is_complete=False)


def months_lacking(entry: Entry, known: Known, listed: Listed, *, finished: bool = False) -> list[Unit]:
    """The months that the entry's history touches, likewise; the running one every night unless only `finished`.

    A month of which the provider keeps a part alone is not asked for: it would pass for whole."""
    kept = _kept_since(entry, known)
    # A night knows nothing later than its day; a window may end inside a month that is long over.
    last_known = known.now.date() - timedelta(days=1) if entry.is_backfill else known.night.day
    units = [
        Unit(subject, f"{first:%Y-%m}", last)
        for first, last in _months(known.night, entry.history_days)
        if first >= kept and not (finished and last > last_known)
        for subject, is_listed in listed.items()
        if is_listed(first) or is_listed(min(last, known.night.day))
    ]
    return _lacking(entry, known, units, empty_is_complete=True)


def _kept_since(entry: Entry, known: Known) -> date:
    return date.min if entry.reach is None else known.now.date() - timedelta(days=entry.reach - 1)


def _months(night: Night, history: int) -> Iterator[tuple[date, date]]:
    """First and last day of each month, the newest first."""
    oldest = night.day - timedelta(days=history - 1)
    first = night.day.replace(day=1)
    while True:
        yield first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if first <= oldest:
            return
        first = (first - timedelta(days=1)).replace(day=1)


def _lacking(entry: Entry, known: Known, units: Sequence[Unit], *, empty_is_complete: bool) -> list[Unit]:
    """What others lack and was not completed here either.

    What does not exist is not asked past the trailing window; neither is an empty answer, where it does not count.
    """
    window = known.night.day - timedelta(days=entry.trailing_days)
    again = (Outcome.NOT_FOUND,) if empty_is_complete else (Outcome.NOT_FOUND, Outcome.EMPTY)

    def is_open(unit: Unit) -> bool:
        if known.last_outcome.get(unit.name) in again:
            return unit.last_day > window
        return max(known.completed.get(unit.name, ()), default=date.min) < min(unit.last_day, known.night.day)

    return missing(known, entry.after, filter(is_open, units), empty_is_complete=empty_is_complete)


def missing(
    known: Known, others: Sequence[tuple[str, str]], units: Iterable[Unit], *, empty_is_complete: bool = True
) -> list[Unit]:
    """The units that none of `others` (provider, dataset) completed after their period ended, or this night.

    empty_is_complete: whether an answer without rows counts. It does not where a listed subject has rows every day.

    What does not exist at the first of `others`, before the first period it has of that subject, was not listed yet:
    that is no gap.
    """
    wanted = list(units)
    if not wanted or not others:
        return wanted
    completed: dict[str, date] = {}
    absent: set[str] = set()
    since, complete = min(unit.period for unit in wanted), COMPLETE if empty_is_complete else (Outcome.OK,)
    for provider, dataset, unit, night, last in known.read(_said(others, since, complete)):
        if night is not None:
            completed[unit] = max(night, completed.get(unit, night))
        if (provider, dataset) == others[0] and Outcome(last) in _ABSENT:
            absent.add(unit)
    listed_from: dict[str, str] = dict(known.read(_first_periods(others[0])))
    return [
        unit
        for unit in wanted
        if completed.get(unit.name, date.min) < min(unit.last_day, known.night.day)
        and not (unit.name in absent and unit.period < listed_from.get(unit.subject, _NEVER))
    ]


def _said(others: Sequence[tuple[str, str]], since: str, complete: Iterable[Outcome]) -> str:
    """What each of `others` said of every unit since a period: the newest night that completed it, its last word."""
    keys = ", ".join(f"('{provider}', '{dataset}')" for provider, dataset in others)
    return f"""
        with said as (
            select source, dataset, unit, night, arg_max(outcome, (batch_id, position)) as outcome
            from meta.request_outcomes
            where (source, dataset) in ({keys}) and split_part(unit, '/', 2) >= '{since}'
            group by source, dataset, unit, night)
        select source, dataset, unit, max(night) filter (outcome in ({_listed(complete)})), arg_max(outcome, night)
        from said group by source, dataset, unit"""  # noqa: S608 - names of the catalogue and a period of our own


def _first_periods(other: tuple[str, str]) -> str:
    """The first period that a dataset has of each subject."""
    return f"""
        select split_part(unit, '/', 1), min(split_part(unit, '/', 2)) from meta.request_outcomes
        where (source, dataset) = {other} and kind = 'data' and outcome in ({_listed(COMPLETE)})
        group by 1"""  # noqa: S608 - names of the catalogue


def _listed(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(f"'{outcome.value}'" for outcome in outcomes)
