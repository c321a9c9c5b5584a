"""How far each coin is below its peak, at the end of each month."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_coin_drawdowns",
    ChangedDays("date"),
    (
        never("priced_in_the_future", "price_date > date or peak_date > price_date", why="a day knows no later price"),
        never("peak_before_its_history", "peak_date < history_from", why="a peak is one of the prices"),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
