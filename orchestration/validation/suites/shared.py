"""Rules that several tables of one shape share: an intermediate result and the mart that selects from it.

Belongs here: rules used by two suites or more. The suite still says what is special about its table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, measured, never


def claim_rules() -> tuple[Expectation, ...]:
    """The rules of every table that has the shape of `marts.claims`."""
    return (
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "value_of_an_untestable_claim",
            "verdict = 'not_testable' and p_value is not null",
            why="what could not be tested has no p-value",
        ),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    )


def settlement_rules(subject: str = "contract") -> tuple[Expectation, ...]:
    """The rules of funding settlements of any venue; `subject` is the column that names the contract."""
    return (
        measured(
            "days_missing_at_the_end_of_a_month",
            "select max(least(last_day(newest), {night}) - newest) from ("  # noqa: S608 - a column of ours
            f"select cast(max(funding_minute) as date) as newest from {{slice}} "
            f"group by {subject}, date_trunc('month', funding_minute))",
            None,
            1,
            why="a month is asked to its end, or to the night; perpetuals settle every eight hours or oftener",
        ),
    )


def long_bias_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.cap_tier_long_bias`."""
    return (
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "median_outside_its_interval",
            "median_ratio < ci_low or median_ratio > ci_high",
            why="a bootstrap interval of a median holds it nearly always",
            severity="warning",
        ),
        never("coins_of_nobody", "n > 0 and coalesce(providers, '') = ''", why="every ratio says who gave it"),
        never("value_of_no_coins", "n = 0 and median_ratio is not null", why="no coins have no median"),
        never("nothing_without_reason", "ci_low is null and coalesce(reason, '') = ''", why="a null says why"),
    )


def long_bias_trend_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.long_bias_trend`."""
    return (
        never(
            "nothing_without_reason",
            "jt_p_value is null and coalesce(reason, '') = ''",
            why="a null says why",
        ),
    )


def netflow_state_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.accumulation_distribution`."""
    return (
        never(
            "unknown_without_reason",
            "state = 'UNKNOWN' and coalesce(state_reason, '') = ''",
            why="what is not known says why",
        ),
        never(
            "flow_beyond_supply",
            "abs(netflow_bp_supply) > 10000",
            why="no more than the whole supply can move in a day; check decimals and supply",
            severity="warning",
        ),
    )


def breakout_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_breakout`."""
    return (
        never("high_below_the_one_before", "is_ath and close <= prior_ath", why="a high is above all earlier closes"),
        never("high_not_said", "not is_ath and close > prior_ath", why="a close above all earlier ones is a high"),
        never("fresh_but_no_high", "is_fresh_ath and not is_ath", why="a fresh high is a high"),
        never("drawdown_at_a_high", "is_ath and drawdown <> 0", why="at a high nothing is lost"),
    )


def streak_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_streaks`."""
    return (
        never(
            "streak_without_excess",
            "streak_length > 0 and (excess_return is null or excess_return <= 0)",
            why="every session of a streak beat the market; a tie breaks it",
        ),
        never("excess_without_streak", "excess_return > 0 and streak_length = 0", why="one session is a streak of one"),
        never(
            "longer_streak_in_the_future",
            "last_longer_or_equal_date >= session_date",
            why="a session is compared with the past only",
        ),
    )


def correlation_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_crypto_correlation`."""
    return (
        never(
            "bootstrap_far_from_fisher",
            "abs(bootstrap_low - ci_low) > 0.5 or abs(bootstrap_high - ci_high) > 0.5",
            why="two intervals of one correlation are alike",
            severity="warning",
        ),
        never(
            "correlation_outside_its_interval",
            "correlation < ci_low or correlation > ci_high",
            why="an interval holds its estimate",
            severity="warning",
        ),
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "worth_more_than_there_are", "n_eff > n + 1e-9", why="dependent pairs are not worth more than independent"
        ),
        never("nothing_without_reason", "correlation is null and coalesce(reason, '') = ''", why="a null says why"),
    )


def lead_lag_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_crypto_lead_lag`."""
    return (
        never("band_backwards", "band_low > band_high", why="a band has a lower and an upper end"),
        never(
            "band_and_p_disagree",
            "(abs(correlation) > band_high and p_value > 0.06) or (abs(correlation) < band_high and p_value < 0.04)",
            why="what lies beyond the 95 % band has a p below 5 %, give or take the ties",
        ),
        never("nothing_without_reason", "correlation is null and coalesce(reason, '') = ''", why="a null says why"),
    )


def turning_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.turning_point_matches`."""
    return (
        never(
            "more_matches_than_pivots",
            "matches > least(equity_pivots, crypto_pivots)",
            why="matches are one-to-one",
        ),
        never(
            "share_is_not_matches_over_pivots",
            "abs(match_share - 2.0 * matches / (equity_pivots + crypto_pivots)) > 1e-9",
            why="the share counts matched pivots of both series",
        ),
        never("lead_beyond_tolerance", "abs(lead_median) > tolerance_sessions", why="a pair is within its tolerance"),
        never("nothing_without_reason", "match_share is null and coalesce(reason, '') = ''", why="a null says why"),
    )


def drawdown_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.drawdowns`."""
    return (
        never(
            "quantiles_backwards", "drawdown_p10 > drawdown_p50 or drawdown_p50 > drawdown_p90", why="quantiles rise"
        ),
        never("more_dead_than_coins", "n_dead > n", why="the dead are among the coins"),
        never("dead_among_survivors", "universe = 'survivors' and n_dead > 0", why="survivors live"),
        never("nothing_without_reason", "share_80_to_90 is null and coalesce(reason, '') = ''", why="a null says why"),
        measured(
            "tiers_hold_no_more_coins_than_all",
            "select max(t.n - a.n) from (select date, universe, sum(n) as n from {slice} where cap_tier <> 'all' "
            "group by all) as t join (select date, universe, n from {slice} where cap_tier = 'all') as a "
            "using (date, universe)",
            None,
            0,
            why="a coin is in one tier",
            severity="critical",
        ),
    )
