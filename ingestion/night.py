"""The night: the last day a run may know, and the moment from which it looks back.

Belongs here: the calendar of a run. Exchange sessions belong to the models that need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ingestion.errors import SettingsError

# The Binance archive publishes day D at about 10:00 UTC of D+1, the last of all providers to close a day.
NIGHT_HOUR = time(10, 30, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Night:
    """One nightly run. `day` is the last UTC day it may ask for."""

    day: date

    @classmethod
    def parse(cls, text: str) -> Night:
        """Read `YYYY-MM-DD`; raises `SettingsError` for anything else."""
        try:
            return cls(date.fromisoformat(text))
        except ValueError as error:
            raise SettingsError(f"'{text}' is not a date: write it as YYYY-MM-DD, for example 2026-01-16") from error

    @classmethod
    def latest(cls, now: datetime) -> Night:
        """The newest day that every provider has closed at `now`."""
        today = now.astimezone(UTC)
        return cls(today.date() - timedelta(days=1 if today.timetz() >= NIGHT_HOUR else 2))

    @property
    def as_of(self) -> datetime:
        """The moment (UTC) at which this night runs when it runs on time."""
        return datetime.combine(self.day + timedelta(days=1), NIGHT_HOUR)
