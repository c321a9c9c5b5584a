"""How rules of models and marts are tripped, written by hand: by the rule's name, or by `table.rule`.

Belongs here: what a person thought of. What follows from a rule of one column belongs to `generic`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.corruption.deliveries import RAW
from tests.corruption.entry import LATER, NEWEST, SATURDAY, Spoil, copied, each, gone, one

_FEWER = one("fewer coins than none", "n = -1, n_dead = null", "cap_tier <> 'all' and universe = 'survivors'")
_EXCESS = one("excess return is no number", "excess_return = 'nan'", "streak_length > 0")
# Where no claim of a small night is testable, one that has a p-value is.
_P_ABOVE_ONE = one("p of a tested claim is 1.01", "p_value = 1.01, verdict = 'inconclusive'")
_BACKWARDS = "an interval that runs backwards holds no estimate, which is a warning; that it runs backwards blocks"

MODELS: Mapping[str, Spoil] = {
    "negative_volatility": one("volatility below zero", "base = -0.01", "outcome = 'volatility'"),
    "crowd_that_is_not_high": one("a crowd where nobody is", "is_crowded_retail = true, account_percentile = 0.5"),
    "int_coin_caps.key_is_unique": copied("a row twice", where="cap_rank is null"),
    "int_coin_caps.provider_to_be_in_set": each("a day from nobody we know", "provider = 'something else'", NEWEST),
    "rank_without_cap": one("rank of a coin without a cap", "market_cap_usd = null", "cap_rank is not null"),
    "ranked_though_no_coin": one("a stablecoin is ranked", "asset_class = 'stablecoin'", "cap_rank is not null"),
    "day_with_two_providers": one(
        "two providers in one ranking",
        "provider = 'coingecko'",
        "rowid = (select min(rowid) from {table})",
    ),
    "rank_given_twice": one("two coins of one rank", "cap_rank = 1", "cap_rank = 2"),
    "priced_in_the_future": one("price of a later day", "price_date = date + 1"),
    "peak_before_its_history": one("peak before the first price", "peak_date = history_from - 1"),
    "day_after_the_night": one("day after the night", f"date = {LATER}"),
    "netflow_is_not_in_minus_out": one(
        "sign of the netflow flipped",
        "netflow = -netflow, reserve_change = -netflow + cross_exchange + excluded",
        "netflow <> 0 and reserve_change is not null",
    ),
    "int_daily_netflow.inflow_to_be_between": one(
        "inflow below zero", "inflow = -0.01, netflow = -0.01 - outflow, reserve_change = null", "inflow is not null"
    ),
    "int_daily_netflow.outflow_to_be_between": one(
        "outflow below zero", "outflow = -0.01, netflow = inflow + 0.01, reserve_change = null", "inflow is not null"
    ),
    "part_of_a_flow": one("a day without its inflow", "inflow = null", "inflow is not null"),
    "reserve_identity": one(
        "reserve moved without a flow",
        "reserve_change = reserve_change + inflow + 1",
        "inflow is not null and reserve_change is not null",
    ),
    "log_is_not_of_ratio": one("ratio in place of its logarithm", "log_ratio = ratio", "ratio > 0"),
    "coins_with_two_venues": copied("a second venue for one coin", "'bybit' as provider", "coin_id is not null"),
    "series_without_a_recent_close": gone("no bar of one fund", "symbol = 'IWM'"),
    "int_equity_bars.key_is_complete": copied(
        "bar of nothing", "null as symbol", "session_date = (select max(session_date) from {table})"
    ),
    "int_equity_bars.symbol_to_be_in_set": copied(
        "bar of an unknown series",
        "'something else' as symbol",
        "session_date = (select max(session_date) from {table})",
    ),
    "int_equity_bars.session_after_the_night": copied(
        "bar of next week",
        f"{LATER} as session_date",
        also=("bar_without_a_session",),
        because="the calendar ends with the night",
    ),
    "bar_without_a_session": copied("bar of Christmas Day", "date '2025-12-25' as session_date"),
    "sessions_missing_of_a_year": gone("a session without a bar", "symbol = 'SPY' and session_date = '2025-12-10'"),
    "rows_of_the_newest_day_over_the_median": gone("a third of a day came", "rowid % 3 > 0 and " + NEWEST),
    "days_missing_of_ninety": gone("a day without caps", "date = date '2025-12-10'"),
    "int_coin_caps.newest_day_in_robust_deviations": each(
        "a day in thousandths", "market_cap_usd = market_cap_usd * 1000", NEWEST
    ),
    "int_daily_netflow.newest_day_in_robust_deviations": each(
        "transfers counted a thousandfold", "transfers = 1000 * (transfers + 1)", NEWEST
    ),
    "int_daily_ratios.newest_day_in_robust_deviations": each(
        "ratios in thousandths", "ratio = ratio * 1000, log_ratio = ln(ratio * 1000)", NEWEST
    ),
    "share_sufficient_on_the_newest_day": each("a day of too few samples", "is_sufficient = false", NEWEST),
    "coverage_of_the_newest_day": each("a tenth of a day was asked", "coverage = 0.1", NEWEST),
    "known_at_the_time_by_nobody": one("known at the time by nobody", "netflow_pit = 1, provider = 'cryptoquant'"),
    "days_since_newest_day": gone("nothing of the last days", "date > {night} - 4"),
    "session_after_the_night": one("session of next week", f"session_date = {LATER}"),
    "provider_checks_itself": one("a provider that checks itself", "provider = check_provider"),
    "closes_disagree": one("restated by one of two providers", "check_close = close * 1.02, agrees = false"),
    "rest_and_archive_disagree": one("labels moved in one of two sources", "agrees = false"),
    "pattern_without_its_points": one("pattern without a point", "e1_close = null", "is_pattern"),
    "point_after_the_window": one("point of a later session", "e5_date = session_date", "is_pattern"),
    "price_of_another_day": one("stamp shifted by a day", "priced_at = priced_at + interval 1 day"),
    "return_without_price": one("return without a price", "log_price = null", "log_return is not null"),
    "week_return_inside_a_week": one("a week that ends inside a week", "week_return = 0.01", "not is_week_end"),
    "event_after_the_night": one("event of next week", f"session_date = {LATER}"),
    "ends_before_it_begins": RAW["ends_before_it_begins"],
    "largest_share_of_all_without_the_ten": each(
        "caps of another currency", "others_value_usd = others_value_usd * 1350", "membership = 'daily_ranks'"
    ),
    "part_above_total": one("a part above the whole", "total_ex_btc_usd = total_cap_usd * 1.01"),
    "days_missing_inside": gone("a day without a total", "date = date '2025-12-10'"),
    "int_total_cap_daily.key_is_complete": one("a day left out", "date = null", "date = '2025-12-10'"),
    "int_total_cap_daily.key_is_unique": one(
        "a day twice in place of the next", "date = date - 1", "date = '2025-12-10'"
    ),
    "int_total_cap_daily.provider_to_be_in_set": each("totals from nobody we know", "provider = 'something else'"),
    "providers": one("one day from another provider", "provider = 'coingecko'", "provider = 'coinmarketcap'"),
    "apart_more_than_allowed": one(
        "a pair too far apart", "lead_sessions = (tolerance_sessions + 1) * sign(lead_sessions)"
    ),
    "known_before_it_was_confirmed": one("pair of unconfirmed points", "confirmed_date = as_of_date + 1"),
    "lead_against_the_dates": one("sign of a lead flipped", "lead_sessions = -lead_sessions"),
    "int_turning_matches.key_is_unique": copied("a pair twice", "crypto_date + 1 as crypto_date"),
    "crypto_pivot_matched_twice": copied("a low matched twice", "equity_date - 1 as equity_date"),
    "int_equity_streaks.numbers_are_finite": _EXCESS,
    "close_at_an_impossible_hour": one("the open for the close", "close_at = close_at - interval 7 hour"),
    "close_on_another_day": one("close shifted by a day", "close_at = close_at + interval 1 day"),
    "int_xnys_sessions.session_on_a_weekend": one(
        "a Saturday session", f"session_date = {SATURDAY}, close_at = timestamptz '2026-01-10 21:00:00+00'"
    ),
    "int_xnys_sessions.session_after_the_night": one(
        "session of next week", f"session_date = {LATER}, close_at = ({LATER})::timestamptz + interval 21 hour"
    ),
    "longest_gap_in_days": gone("a week of sessions is missing", "session_date between '2025-10-06' and '2025-10-10'"),
}

CLAIMS: Mapping[str, Spoil] = {
    "interval_backwards": one("ends of an interval swapped", "ci_low = 0.2, ci_high = 0.1"),
    "value_of_an_untestable_claim": one("verdict against its own p", "verdict = 'not_testable', p_value = 0.5"),
    "evaluated_after_the_night": one("evaluated next week", f"evaluation_date = {LATER}"),
    "int_claims_patterns.p_value_to_be_between": _P_ABOVE_ONE,
    "int_claims_turning.p_value_to_be_between": _P_ABOVE_ONE,
    "claims.evaluated_after_the_night": each("evaluated next week", f"evaluation_date = {LATER}"),
    "claims.key_is_complete": one("claim left out", "claim_id = null"),
    "claims.key_is_unique": one("one claim twice in place of another", "claim_id = 'C1'", "claim_id = 'C2'"),
    "days_since_newest_evaluation": each("claims of yesterday", "evaluation_date = evaluation_date - 1"),
    "easier_across_claims": one("easier among many", "p_value = 0.04, p_across_claims = 0.01"),
    "claims_of_the_newest_evaluation": gone("a claim without a row", "claim_id = 'C4'"),
}

MARTS: Mapping[str, Spoil] = {
    # long bias
    "median_outside_its_interval": one(
        "median beside its interval", "median_ratio = ci_high * 1.1", "ci_high is not null"
    ),
    "coins_of_nobody": one("ratios from nobody", "providers = null", "n > 0"),
    "value_of_no_coins": one("median of no coins", "n = 0", "median_ratio is not null"),
    "days_since_newest_date": gone("no ratios of the last days", "date > {night} - 3"),
    # netflow
    "accumulation_distribution.state_reason_to_not_be_null": one(
        "a state without its reason", "state_reason = null", "state <> 'UNKNOWN'"
    ),
    "accumulation_distribution.unknown_without_reason": one(
        "unknown, and the reason is empty", "state = 'UNKNOWN', state_reason = ''"
    ),
    "unknown_without_reason": one("unknown, and nobody says why", "state = 'UNKNOWN', state_reason = null"),
    "flow_beyond_supply": one("more than the supply moved", "netflow_bp_supply = 20000"),
    "share_of_unknown_on_the_newest_day": each(
        "nothing is known today",
        "state = 'UNKNOWN', state_reason = 'coverage'",
        "date = (select max(date) from {table})",
    ),
    "accumulation_distribution.days_since_newest_date": gone("no flow of the last days", "date > {night} - 6"),
    # equities
    "high_below_the_one_before": one(
        "a high below an earlier one", "prior_ath = close * 1.1", "is_ath and prior_ath > 0"
    ),
    "high_not_said": one("a high that is not said", "close = prior_ath * 1.1", "not is_ath and prior_ath > 0"),
    "fresh_but_no_high": one("fresh high on an ordinary day", "is_fresh_ath = true", "not is_ath"),
    "drawdown_at_a_high": one("loss at a high", "drawdown = 0.01", "is_ath"),
    "days_since_newest_session": RAW["days_since_newest_session"],
    "streak_without_excess": one("sign of an excess flipped", "excess_return = -excess_return", "streak_length > 0"),
    "excess_without_streak": one("streak forgotten", "streak_length = 0", "excess_return > 0"),
    "longer_streak_in_the_future": one("compared with the future", "last_longer_or_equal_date = session_date + 1"),
    "more_wins_than_sessions": one("more wins than sessions", "wins = sessions + 1"),
    # correlation
    "bootstrap_far_from_fisher": one(
        "bootstrap of another series", "bootstrap_low = -1", "bootstrap_low is not null and ci_low > -0.4"
    ),
    "correlation_outside_its_interval": one(
        "correlation beside its interval", "correlation = ci_high + 0.05", "ci_high < 0.9"
    ),
    "worth_more_than_there_are": one("worth more pairs than there are", "n_eff = n + 1", "n_eff is not null"),
    "band_backwards": one("lower band above the upper", "band_low = 0.5, band_high = 0.4, p_value = null"),
    "band_and_p_disagree": one(
        "p of another lag", "correlation = 0.1, band_low = -0.3, band_high = 0.3, p_value = 0.01"
    ),
    # turning points
    "more_matches_than_pivots": one(
        "a pivot matched twice",
        "equity_pivots = 4, crypto_pivots = 8, matches = 5, match_share = 10.0 / 12, leads = [0, 0, 0, 0, 0]",
    ),
    "share_is_not_matches_over_pivots": one(
        "share of other counts",
        "equity_pivots = 4, crypto_pivots = 8, matches = 3, match_share = 0.9, leads = [0, 0, 0]",
    ),
    "lead_of_no_match": one(
        "matches without their leads",
        "equity_pivots = 4, crypto_pivots = 8, matches = 3, match_share = 0.5, leads = null",
    ),
    "lead_beyond_tolerance": one("lead beyond its tolerance", "lead_median = tolerance_sessions + 1"),
    # drawdowns
    "drawdowns.n_to_be_between": _FEWER,
    "quantiles_backwards": one(
        "median above the ninth decile", "drawdown_p50 = drawdown_p90 + 0.01", "drawdown_p90 > 0"
    ),
    "more_dead_than_coins": one("more dead than coins", "n_dead = n + 1", "universe = 'with_dead'"),
    "dead_among_survivors": one("a dead survivor", "n_dead = 1", "universe = 'survivors' and n > 0"),
    "tiers_hold_no_more_coins_than_all": one("coins in two tiers", "n = n + 1000", "cap_tier = 'mega'"),
    # patterns
    **{
        f"chart_patterns.e{point}_close_to_be_between": one(
            "a point without a price",
            f"e{point}_close = 0",
            also=("head_above_a_shoulder",) * (point in (1, 5)) + ("shoulders_or_neckline_apart",) * (point != 3),
            because="a pair of points is compared with each other and with the head",
        )
        for point in (1, 2, 4, 5)
    },
    "points_out_of_order": one("two points on one day", "e2_date = e3_date"),
    "head_above_a_shoulder": one("head above a shoulder", "e3_close = e1_close * 1.001"),
    "shoulders_or_neckline_apart": one("neckline too steep", "e4_close = e2_close * 1.05"),
    "known_before_it_was_complete": one("known before it was complete", "confirmed_date = e5_date"),
    "decided_before_it_was_known": one(
        "decided before it was known", "breakout_date = confirmed_date", "target is not null"
    ),
    "target_without_breakout": one("breakout without a target", "target = null", "target is not null"),
    "known_after_the_night": one(
        "pattern known next week", f"confirmed_date = {LATER}", "breakout_date is null and failed_date is null"
    ),
    "drawn_after_the_night": one("drawn next week", f"as_of_date = {LATER}"),
    "chart_pattern_chance.interval_backwards": one("ends of an interval swapped", "chance_low = 2, chance_high = 1"),
    # OTHERS/BTC
    "zone_backwards": one(
        "edges of the zone swapped",
        "support_low = support_high * 1.01",
        "support_high is not null and not is_in_support",
    ),
    "zone_too_wide": one(
        "zone too wide", "support_high = support_low * 1.2", "ratio > support_low * 1.3 or ratio < support_low * 0.99"
    ),
    "zone_from_the_future": one("zone of tomorrow", "support_since = date + 1", "support_low is not null"),
    "inside_and_not_between": one(
        "inside and not between", "is_in_support = not is_in_support", "support_low is not null"
    ),
    "trough_from_the_future": one("trough of tomorrow", "trough_date = date + 1"),
    "gain_below_the_rule": one("gain below its rule", "gain = min_amplitude / 2"),
    "turns_too_close": one("cycle of ten days", "peak_date = trough_date + 10, peak_confirmed_date = trough_date + 40"),
    "known_before_it_happened": one("trough known on its day", "trough_confirmed_date = trough_date"),
    "others_btc_cycle_gains.known_after_the_night": one("peak known next week", f"peak_confirmed_date = {LATER}"),
    # events and the composite
    "more_measured_than_there_are": one("more measured than there are", "n_pending = n_events + 1 - n_measured"),
    "adjusted_below_the_plain": one("Holm makes it easier", "p_value = 0.04, p_holm = 0.02"),
    "event_without_a_composite": one("event without a composite", "composite = null, is_event = true, reason = 'x'"),
    "composite_without_its_record": one(
        "composite without its record", "record_events = null", "composite is not null"
    ),
    # thresholds and transitions of netflow states
    "main_rules_of_a_token_beside_one": one(
        "two main rules", "is_main_rule = true", "not is_main_rule and share_as_main_rule = 1"
    ),
    "main_rule_not_as_itself": one("a main rule that differs from itself", "share_as_main_rule = 0.9", "is_main_rule"),
    "more_days_in_states_than_judged": one("more days in states than judged", "days_accumulation = days_judged + 1"),
    "netflow_transitions.date_after_the_night": one("day after the night", f"as_of_date = {LATER}"),
    "netflow_sensitivity.date_after_the_night": one("day after the night", f"as_of_date = {LATER}"),
    # assets and forecasts
    "cap_after_the_night": one("cap of next week", f"cap_date = {LATER}"),
    "perpetual_not_said": one("perpetual not said", "has_perpetual = not has_perpetual"),
    "coins": gone("no coin at all", "true"),
    "scored_without_a_horizon": one("judged without a horizon", "horizon_days = null, status = 'open'"),
    "scored_before_it_is_due": one(
        "judged before it is due", "status = 'came_true', due_date = {night} + 10", "horizon_days > 0"
    ),
    "forecast_ledger.status_to_be_in_set": one("no known status", "status = 'something else'", "horizon_days > 0"),
    "made_after_the_night": one("forecast of next week", f"made_at = ({LATER})::timestamptz"),
    "date_after_the_night": one("day after the night", f"date = {LATER}"),
    "accumulation_distribution.date_after_the_night": one(
        "day after the night", f"date = {LATER}", "state <> 'UNKNOWN'"
    ),
    "equity_crypto_lead_lag.date_after_the_night": one("month-end after the night", f"as_of_date = {LATER}"),
    "turning_point_matches.date_after_the_night": one("month-end after the night", f"as_of_date = {LATER}"),
}

_ESTIMATES = {
    "correlation_outside_its_interval": ("equity_crypto_correlation",),
    "median_outside_its_interval": ("cap_tier_long_bias",),
}
INTERVALS = {
    f"{table}.interval_backwards": one(
        "ends of an interval swapped",
        "ci_low = ci_high, ci_high = ci_low",
        "ci_low < ci_high",
        also=(rule,),
        because=_BACKWARDS,
    )
    for rule, tables in _ESTIMATES.items()
    for table in tables
}
