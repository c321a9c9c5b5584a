"""How far each coin is below its peak, at the end of each month."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_coin_drawdowns",
    key=("date", "coin_id"),
    slice=ChangedDays("date"),
    expectations=(
        between("drawdown", 0, 1, why="a price lies between zero and its highest"),
        positive("price_usd", why="a price is above zero"),
        one_of("state", "listed", "dead", "absorbed", "unobserved", why="the four states of a coin"),
        never("priced_in_the_future", "price_date > date or peak_date > price_date", why="a day knows no later price"),
        never("peak_before_its_history", "peak_date < history_from", why="a peak is one of the prices"),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
