"""What a dataset is asked for that stands in for others: the units that none of them completed.

Datasets that stand in for each other name their units alike, `<subject>/<period>`, whatever a provider calls the
subject. Belongs here: reading the ledger for that. Which units there are, and how far back, belongs to a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ingestion.collect import Known
from ingestion.exchange import COMPLETE, Outcome

_ABSENT = (Outcome.NOT_FOUND, Outcome.NOT_YET)


@dataclass(frozen=True)
class Unit:
    """One subject over one period: `period` as the unit names it, `last_day` its last day."""

    subject: str
    period: str
    last_day: date

    @property
    def name(self) -> str:
        return f"{self.subject}/{self.period}"


def missing(known: Known, others: Sequence[tuple[str, str]], units: Iterable[Unit]) -> list[Unit]:
    """The units that none of `others` (provider, dataset) completed after their period ended, or this night.

    A subject of which the first of `others` has nothing in all these units is not listed there: that is no gap.
    """
    wanted = list(units)
    if not wanted or not others:
        return wanted
    completed: dict[str, date] = {}
    has: dict[str, bool] = {}
    for provider, dataset, unit, night, last in known.read(_said(others, min(unit.period for unit in wanted))):
        if night is not None:
            completed[unit] = max(night, completed.get(unit, night))
        if (provider, dataset) == others[0]:
            subject = unit.split("/")[0]
            has[subject] = has.get(subject, False) or night is not None or Outcome(last) not in _ABSENT
    return [
        unit
        for unit in wanted
        if has.get(unit.subject, True) and completed.get(unit.name, date.min) < min(unit.last_day, known.night.day)
    ]


def _said(others: Sequence[tuple[str, str]], since: str) -> str:
    """What each of `others` said of every unit since a period: the newest night that completed it, its last word."""
    keys = ", ".join(f"('{provider}', '{dataset}')" for provider, dataset in others)
    complete = ", ".join(f"'{outcome.value}'" for outcome in COMPLETE)
    return f"""
        with said as (
            select source, dataset, unit, night, arg_max(outcome, (batch_id, position)) as outcome
            from meta.request_outcomes
            where (source, dataset) in ({keys}) and split_part(unit, '/', 2) >= '{since}'
            group by source, dataset, unit, night)
        select source, dataset, unit, max(night) filter (outcome in ({complete})), arg_max(outcome, night)
        from said group by source, dataset, unit"""  # noqa: S608 - names of the catalogue and a period of our own
