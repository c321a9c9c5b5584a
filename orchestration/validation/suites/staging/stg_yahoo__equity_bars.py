"""Daily bars of indices and funds, none after the night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, filled, never, one_of, positive

SUITE = Suite(
    "staging",
    "stg_yahoo__equity_bars",
    key=("symbol", "session_date"),
    slice=TouchedBy("yahoo_chart", column="session_date", raw_column="session_date"),
    expectations=(
        positive("close", why="its logarithm is taken; unknown is null"),
        filled("close", why="every session has a close", severity="warning"),
        one_of("symbol", "^RUT", "^GSPC", "IWM", "SPY", why="the four series that are asked for", severity="warning"),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
