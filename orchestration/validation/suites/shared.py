"""Rules that several tables of one shape share: an intermediate result and the mart that selects from it.

Belongs here: rules used by two suites or more. The suite still says what is special about its table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, between, filled, matches, measured, never, one_of, positive

TIERS = ("mega", "large", "mid", "small", "micro")
CLAIMS = tuple(f"C{number}" for number in range(1, 11))
RATIO_KINDS = ("global_account", "top_account", "top_position", "taker_volume")


def claim_rules(*claims: str) -> tuple[Expectation, ...]:
    """The rules of every table that has the shape of `marts.claims`."""
    return (
        one_of("claim_id", *claims, why="the claims of the methodology that belong here"),
        filled("verdict", why="a claim that cannot be tested says so"),
        one_of(
            "verdict",
            *("supported", "not_supported", "inconclusive", "not_testable", "artefact"),
            why="the five verdicts",
        ),
        filled("reason", why="a verdict is given with its reason"),
        between("p_value", 0, 1, why="a probability"),
        between("n", 0, None, why="observations are counted from zero"),
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "value_of_an_untestable_claim",
            "verdict = 'not_testable' and p_value is not null",
            why="what could not be tested has no p-value",
        ),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    )


def settlement_rules(rate: str = "funding_rate") -> tuple[Expectation, ...]:
    """The rules of funding settlements of any venue."""
    return (
        filled(rate, why="a settlement without a rate is none", quarantine=True),
        between(rate, -0.05, 0.05, why="rates are capped at a few per cent a settlement", quarantine=True),
    )


def long_bias_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.cap_tier_long_bias`."""
    return (
        one_of("ratio_kind", *RATIO_KINDS, why="four different ratios, never blended"),
        one_of("cap_tier", *TIERS, "all", why="the five tiers, and all of them"),
        between("n", 0, None, why="coins are counted from zero"),
        between("share_above_1", 0, 1, why="a share"),
        positive("median_ratio", why="a ratio is above zero"),
        between("iqr", 0, None, why="a spread is not negative"),
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
        one_of("ratio_kind", *RATIO_KINDS, why="four different ratios, never blended"),
        between("n", 0, None, why="coins are counted from zero"),
        *(between(name, -1, 1, why="a rank correlation") for name in ("spearman_rho", "kendall_tau")),
        *(between(name, 0, 1, why="a probability") for name in ("spearman_p", "jt_p_value")),
        never(
            "nothing_without_reason",
            "jt_p_value is null and coalesce(reason, '') = ''",
            why="a null says why",
        ),
    )


def netflow_state_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.accumulation_distribution`."""
    return (
        filled("state", why="a day that cannot be judged is UNKNOWN"),
        one_of("state", "ACCUMULATION", "DISTRIBUTION", "NEUTRAL", "UNKNOWN", why="the four states"),
        between("z_score", -5, 5, why="z is clipped to five"),
        between("coverage", 0, 1, why="a share of the window's days"),
        between("days_in_state", 1, None, why="a state holds for a day at least"),
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


def raw_close_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of daily closes, whoever delivered it."""
    return (
        filled("close", why="a bar without a close is no bar", quarantine=True),
        positive("close", why="an index level or fund price is above zero", quarantine=True),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session", quarantine=True),
    )


def raw_bar_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of daily bars, whoever delivered it."""
    return (
        *raw_close_rules(),
        never("high_below_low", "high < low", why="the day's high is not below its low", quarantine=True),
        never(
            "close_outside_range",
            # Vendors round each field on its own; a tenth of a percent is rounding, more is another instrument.
            "close > high * 1.001 or close < low * 0.999",
            why="the close lies between low and high",
            severity="warning",
        ),
    )


def staged_close_rules(*symbols: str) -> tuple[Expectation, ...]:
    """The rules of every staging table of daily closes, whoever delivered it."""
    return (
        positive("close", why="its logarithm is taken; unknown is null"),
        filled("close", why="every session has a close", severity="warning"),
        filled("symbol", why="a series is known by our name for it; equity_symbols.csv says which"),
        one_of("symbol", *symbols, why="the series that are asked for", severity="warning"),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    )


def raw_transfer_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of ERC-20 transfers, whoever read them from the chain."""
    address = r"^0x[0-9a-f]{40}$"
    return (
        matches("transaction_hash", r"^0x[0-9a-f]{64}$", why="32 bytes in lower case", quarantine=True),
        *(
            matches(column, address, why="20 bytes in lower case, or joins on wallets miss", quarantine=True)
            for column in ("contract", "from_address", "to_address")
        ),
        between("log_index", 0, None, why="logs are numbered from zero", quarantine=True),
        positive("block_number", why="blocks are numbered from one", quarantine=True),
        # 78 digits hold 2^256 - 1
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number", quarantine=True),
        never(
            "addresses_missing",
            "contract is null or from_address is null or to_address is null or value_raw is null",
            why="a transfer has a token, two sides and an amount",
            quarantine=True,
        ),
    )


def raw_range_rules() -> tuple[Expectation, ...]:
    """The rules of every raw table of block ranges that were asked."""
    return (
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
        filled("wallet_set", why="a range counts only for the wallets it was asked for"),
    )


def staged_transfer_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of ERC-20 transfers."""
    return (
        filled("block_number", why="the block dates the transfer"),
        *(
            matches(column, r"^0x[0-9a-f]{40}$", why="addresses are joined in lower case")
            for column in ("contract", "from_address", "to_address")
        ),
        filled("value_raw", why="a transfer has an amount"),
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number"),
    )


def staged_range_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of block ranges that were asked."""
    return (
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        matches("contract", r"^0x[0-9a-f]{40}$", why="contracts are joined in lower case"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
    )


def vendor_flow_rules(*metrics: str) -> tuple[Expectation, ...]:
    """The rules of every raw table of exchange flows that a vendor computed."""
    return (
        one_of("metric", *metrics, why="the metrics that are asked for"),
        never(
            "gross_flow_below_zero",
            "metric <> 'netflow' and value < 0",
            why="gross flows and reserves are not negative",
            quarantine=True,
        ),
        never("day_after_the_night", "date > {night}", why="a day that is not over has no flow", severity="warning"),
    )


def vendor_daily_flow_rules() -> tuple[Expectation, ...]:
    """The rules of every staging table of exchange flows that a vendor computed."""
    return (
        between("inflow", 0, None, why="gross flows are not negative"),
        between("outflow", 0, None, why="gross flows are not negative"),
        never(
            "netflow_is_not_in_minus_out",
            "abs(netflow - (inflow - outflow)) > 1e-6 * greatest(inflow, outflow, 1)",
            why="netflow is inflow minus outflow; a vendor that computes them apart may differ",
            severity="warning",
        ),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    )


def breakout_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_breakout`."""
    return (
        positive("close", why="an index level or fund price is above zero"),
        between("drawdown", 0, 1, why="a share of the highest close"),
        between("sessions_since_ath", 0, None, why="sessions are counted from zero"),
        never("high_below_the_one_before", "is_ath and close <= prior_ath", why="a high is above all earlier closes"),
        never("high_not_said", "not is_ath and close > prior_ath", why="a close above all earlier ones is a high"),
        never("fresh_but_no_high", "is_fresh_ath and not is_ath", why="a fresh high is a high"),
        never("drawdown_at_a_high", "is_ath and drawdown <> 0", why="at a high nothing is lost"),
    )


def streak_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_streaks`."""
    return (
        between("streak_length", 0, None, why="sessions are counted from zero"),
        positive("streak_rank", why="ranks count from one"),
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
        one_of("method", "pearson", "spearman", "winsorised", "ewma", "weekly", why="the five methods"),
        one_of("crypto_series", "total_cap", "total_ex_btc", "btc", why="the three crypto series"),
        *(
            between(name, -1, 1, why="a correlation")
            for name in ("correlation", "ci_low", "ci_high", "partial_correlation")
        ),
        between("n", 0, None, why="pairs are counted from zero"),
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
        one_of("equity_symbol", "^RUT", "^GSPC", "IWM", why="the three equity series"),
        one_of("window_sessions", 21, 63, 126, 252, why="the four windows"),
        one_of("alignment", "session_close", "utc_close", why="the two alignments"),
    )


def lead_lag_rules() -> tuple[Expectation, ...]:
    """The rules of tables in the shape of `marts.equity_crypto_lead_lag`."""
    return (
        one_of("equity_symbol", "^RUT", "^GSPC", "IWM", why="the three equity series"),
        one_of("crypto_series", "total_cap", "total_ex_btc", "btc", why="the three crypto series"),
        one_of("alignment", "session_close", "utc_close", why="the two alignments"),
        between("lag_sessions", -20, 20, why="a month of sessions in both directions"),
        *(between(name, -1, 1, why="a correlation") for name in ("correlation", "band_low", "band_high")),
        between("p_value", 0, 1, why="a probability"),
        between("n", 0, None, why="pairs are counted from zero"),
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
    shares = ("match_share", "null_share_mean", "null_share_p95", "p_value")
    phases = ("concordance", "concordance_expected", "concordance_p", "concordance_hac_p")
    return (
        one_of("equity_symbol", "^RUT", "^GSPC", "IWM", why="the three equity series"),
        one_of("crypto_series", "total_cap", "total_ex_btc", "btc", why="the three crypto series"),
        one_of("alignment", "session_close", "utc_close", why="the two alignments"),
        positive("k_sessions", why="a pivot stands out from sessions on both sides"),
        positive("tolerance_sessions", why="pairs are some sessions apart"),
        *(between(name, 0, 1, why="a share or a probability") for name in (*shares, *phases)),
        *(between(name, 0, None, why="counted from zero") for name in ("equity_pivots", "crypto_pivots", "matches")),
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
        one_of("cap_tier", *TIERS, "all", why="the five tiers, and all of them"),
        one_of("universe", "with_dead", "survivors", why="the two universes"),
        *(between(name, 0, 1, why="a share") for name in ("share_80_to_90", "drawdown_p10", "drawdown_p90")),
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
