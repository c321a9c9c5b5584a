"""Rules shared by the suites of patterns, cycles and events: an intermediate result and the mart that selects from it.

Belongs here: rules used by two suites or more. The suite still says what is special about its table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, never


def chart_pattern_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.chart_patterns`."""
    return (
        never(
            "points_out_of_order",
            "not (e1_date < e2_date and e2_date < e3_date and e3_date < e4_date and e4_date < e5_date)",
            why="the five extrema follow each other",
        ),
        never(
            "head_above_a_shoulder",
            "e3_close >= e1_close or e3_close >= e5_close",
            why="the head is the lowest of the three minima",
        ),
        never(
            "shoulders_or_neckline_apart",
            "abs(e1_close - e5_close) > 0.015 * (e1_close + e5_close) / 2 + 1e-9 "
            "or abs(e2_close - e4_close) > 0.015 * (e2_close + e4_close) / 2 + 1e-9",
            why="each pair differs by 1.5 % of its mean at most",
        ),
        never("known_before_it_was_complete", "confirmed_date <= e5_date", why="a minimum is known later than it is"),
        never(
            "decided_before_it_was_known",
            "breakout_date <= confirmed_date or failed_date <= confirmed_date or target_date < breakout_date",
            why="an outcome comes after its pattern",
        ),
        never("target_without_breakout", "(target is null) <> (breakout_date is null)", why="a breakout sets a target"),
    )


def pattern_chance_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.chart_pattern_chance`."""
    return (
        never("nothing_without_reason", "p_value is null and coalesce(reason, '') = ''", why="a null says why"),
        never("interval_backwards", "chance_low > chance_high", why="an interval has a lower and an upper end"),
    )


def others_rules() -> tuple[Expectation, ...]:
    """The rules of OTHERS against Bitcoin, with or without what is read from it."""
    return (never("nothing_without_reason", "ratio is null and coalesce(reason, '') = ''", why="a null says why"),)


def others_btc_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.others_btc_cycles`."""
    return (
        *others_rules(),
        never("zone_backwards", "support_low > support_high", why="a zone has a lower and an upper end"),
        never("zone_too_wide", "support_high > support_low * 1.08 * (1 + 1e-9)", why="its lows lie within 8 %"),
        never("zone_from_the_future", "support_since > date", why="a zone is shown from the day it was known"),
        never(
            "inside_and_not_between",
            "is_in_support <> (ratio >= support_low * (1 - 1e-9) and ratio <= support_high * (1 + 1e-9))",
            why="both say the same",
        ),
        never("trough_from_the_future", "trough_date > date", why="a trough is known later than it is"),
    )


def cycle_gain_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.others_btc_cycle_gains`."""
    return (
        never("gain_below_the_rule", "gain < min_amplitude - 1e-9", why="a cycle rises by the amplitude at least"),
        never(
            "turns_too_close",
            "peak_date - trough_date < min_days",
            why="turning points are the least number of days apart",
        ),
        never(
            "known_before_it_happened",
            "trough_confirmed_date <= trough_date or peak_confirmed_date <= peak_date",
            why="a turning point is known later than it is",
        ),
    )


def event_study_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.signal_event_study`."""
    return (
        never("more_measured_than_there_are", "n_measured + n_pending > n_events", why="a part is not the whole"),
        never("adjusted_below_the_plain", "p_holm < p_value - 1e-12", why="Holm makes no test easier"),
        never("nothing_without_reason", "p_value is null and coalesce(reason, '') = ''", why="a null says why"),
    )


PARTS = ("breakout", "strength", "correlation", "pattern", "others_btc", "long_bias", "netflow")


def rotation_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.rotation_signal`."""
    return (
        never("nothing_without_reason", "composite is null and coalesce(reason, '') = ''", why="a null says why"),
        never("event_without_a_composite", "is_event and composite is null", why="an event is a crossing"),
    )
