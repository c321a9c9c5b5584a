"""Daily bars of indices and funds. Not judged: an index's `volume` is not its own, and `adj_close` is restated."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, filled, measured, never, positive

SUITE = Suite(
    "raw",
    "yahoo_chart",
    key=("symbol", "session_date"),
    slice=NewBatches(),
    expectations=(
        filled("close", why="a bar without a close is no bar", quarantine=True),
        positive("close", why="an index level or fund price is above zero", quarantine=True),
        never("high_below_low", "high < low", why="the day's high is not below its low", quarantine=True),
        never(
            "close_outside_range",
            # Vendors round each field on its own; a tenth of a percent is rounding, more is another instrument.
            "close > high * 1.001 or close < low * 0.999",
            why="the close lies between low and high",
            severity="warning",
        ),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session", quarantine=True),
        measured(
            "days_since_newest_session",
            "select {night} - max(session_date) from {table}",
            None,
            5,
            why="the longest closure of XNYS in a normal year is four days",
        ),
    ),
)
