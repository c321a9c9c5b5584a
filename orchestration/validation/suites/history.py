"""Rules that hold a table against its own past: stale, thinner than usual, elsewhere than usual, in another unit.

Belongs here: such rules used by several tables. They look at 90 days at most, and cost one number a table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, measured, never

_WINDOW = 90
# A median day needs some days behind it: a young history has nothing usual yet.
_ENOUGH = 30


def stale(named: str, day: str, days: int, *, why: str) -> Expectation:
    """The newest row is at most so many days older than the night."""
    return measured(f"days_since_newest_{named}", f"select {{night}} - max({day}) from {{table}}", None, days, why=why)  # noqa: S608


def rows_as_usual(day: str, alike: str = "true") -> Expectation:
    """The newest day has half to twice the rows of the median day of the 90 before it, counting days `alike` it."""
    return measured(
        "rows_of_the_newest_day_over_the_median",
        _newest_beside("count(*)", day, alike, "max_by(found, day) / usual"),
        0.5,
        2,
        why="as much comes as on a usual day: half of it is a broken answer, twice as much are two in one",
    )


def level_as_usual(value: str, day: str, alike: str = "true") -> Expectation:
    """The median of the newest day lies within eight robust deviations of the medians of the 90 days before it."""
    deviations = "(max_by(found, day) - usual) / (1.4826 * spread + 0.01 * abs(usual) + 1e-9)"
    return measured(
        "newest_day_in_robust_deviations",
        _newest_beside(f"median({value})", day, alike, deviations),
        -8,
        8,
        why="a whole day that lies elsewhere than the 90 before it is another unit or definition, or news",
    )


def _newest_beside(of_day: str, day: str, alike: str, compared: str) -> str:
    """A number of the newest day compared with those of the days before it; null while there are too few of them."""
    return (
        f"select (with days as (select {day} as day, {of_day} as found from {{table}} "  # noqa: S608 - our own columns
        f"where {day} > {{night}} - {_WINDOW + 1} and {day} <= {{night}} and {alike} group by 1), "
        "before as (select median(found) as usual, mad(found) as spread, count(*) as held "
        "from days where day < (select max(day) from days)) "
        f"select {compared} from days, before where held >= {_ENOUGH} group by usual, spread)"
    )


def no_unit_jump(value: str, subject: str, day: str, only: str = "true", *, set_aside: bool = True) -> Expectation:
    """No new value of the last 30 days is 500 times, or a 500th of, the median of the five before it of its subject.

    The median and not the last: one wrong value that was set aside does not make the right one after it look wrong.
    A single coin can collapse so far: where that is possible nothing is set aside, and people look.
    """
    before = f"partition by {subject} order by {day}, _batch_id rows between 5 preceding and 1 preceding"
    beside = f"{value} / median({value}) over ({before})"
    return never(
        f"{value}_in_another_unit",
        f"_position in (select place from (select rowid as place, {beside} as jump from {{table}} "  # noqa: S608
        f"where {day} > {{night}} - 30 and {value} > 0 and {only}) where jump not between 0.002 and 500)",
        why="a thousand times the values before it is thousands, or wei; a market hardly does it",
        severity="critical" if set_aside else "warning",
        quarantine=set_aside,
    )


def no_future(stamp: str, moment: str | None = None) -> Expectation:
    """No row is of a moment after the one at which it was fetched; clocks differ by less than an hour."""
    return never(
        f"{stamp}_in_the_future",
        f"{moment or stamp} > _known_at + interval 1 hour",
        why="what was told is of a moment before it was asked for; another unit or time zone puts it ahead",
        quarantine=True,
    )
