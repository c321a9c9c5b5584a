"""How rules across columns, tables and days are tripped, written by hand: by the rule's name, or by `table.rule`.

Belongs here: what a person thought of. What follows from a rule of one column belongs to `generic`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.corruption.entry import Spoil, copied, each, gone, one

_BACKWARDS = "an interval that runs backwards holds no estimate, which is a warning; that it runs backwards blocks"
# A Saturday before the night and a Tuesday after it.
_SATURDAY, _LATER = "date '2026-01-10'", "{night} + 4"
_NEWEST = "date = (select max(date) from {table})"
_FEWER = one("fewer coins than none", "n = -1, n_dead = null", "cap_tier <> 'all' and universe = 'survivors'")
_EXCESS = one("excess return is no number", "excess_return = 'nan'", "streak_length > 0")
_CERTAIN = one("more than certain", "p_value = 1.01, verdict = 'inconclusive'")
_LAST_BAR = "open_time = (select max(open_time) from {table})"
# Nothing is usual before there are thirty days.
_FORTY_DAYS = (
    "insert into {table} select held.* replace (date - 1 - number::integer as date) "
    "from {table} as held, range(40) as r(number) where date = (select min(date) from {table})"
)
_NEW_METRIC = one("a metric that nobody asked for", "metric = 'something else'", _NEWEST)

RAW: Mapping[str, Spoil] = {
    "session_on_a_weekend": one("session stamped a Saturday", f"session_date = {_SATURDAY}"),
    "high_below_low": one("low above high by a hair", "high = close * 0.9999, low = close * 1.0001"),
    "close_outside_range": one("close of another instrument", "close = high * 1.01"),
    "days_since_newest_session": gone("no session of the last week", "session_date > {night} - 7"),
    "open_time_off_the_grid": one("bar opens seven minutes late", "open_time = open_time + interval 7 minute"),
    "prices_outside_range": one("high below the open", "high = least(open, close) * 0.99"),
    "days_since_newest_bar": gone("no bar of the last days", "open_time >= {night} - 2"),
    "stamp_outside_its_file": one("stamp of another day than its file", "create_time = create_time + interval 3 day"),
    "days_since_newest_file": gone("no file of the last days", "file_date > {night} - 3"),
    "nobody_holds_a_contract": one("open interest of zero", "sum_open_interest = 0"),
    "ratio_is_not_that_of_its_shares": one(
        "long and short swapped",
        "long_share = short_share, short_share = long_share",
        "abs(long_share - short_share) > 0.01",
    ),
    "ratio_is_not_that_of_its_volumes": one(
        "buys and sells swapped",
        "buy_volume = sell_volume, sell_volume = buy_volume",
        "abs(buy_volume / sell_volume - 1) > 0.05",
    ),
    "fewest_rows_a_day": gone(
        "answer stopped early", "timestamp > (select max(timestamp) - interval 10 hour from {table})"
    ),
    "shares_are_not_the_whole": one("longs and shorts are 180 %", "buy_ratio = 0.9, sell_ratio = 0.9"),
    "one_side_is_not_half": one("one side counted as both", "single_open_interest = open_interest"),
    "ratio_kind_to_be_in_set": each(
        "a kind of ratio that nobody asked for",
        "ratio_kind = 'something else'",
        "ratio_kind = (select min(ratio_kind) from {table})",
        many=True,
    ),
    "bybit_account_ratio.numbers_are_finite": one("long share is no number", "buy_ratio = 'nan', sell_ratio = null"),
    "registry_wallets.kind_to_be_in_set": one("a label of no kind", "kind = 'something else'", "exchange is not null"),
    "stamp_off_the_hour": one("sample of another period", "timestamp = timestamp + interval 5 minute"),
    "days_since_newest_settlement": each(
        "no settlement since last month", "funding_minute = funding_minute - interval 16 day"
    ),
    "days_missing_at_the_end_of_a_month": gone(
        "the newest days did not come",
        "funding_minute > (select max(funding_minute) - interval 4 day from {table})",
    ),
    "binance_futures_funding.days_missing_at_the_end_of_a_month": Spoil(
        "one contract's newest days did not come",
        (
            "insert into {table} select * replace ('OTHERUSDT' as symbol) from {table} "
            "where funding_minute <= (select max(funding_minute) - interval 4 day from {table})",
        ),
    ),
    "updated_in_the_future": one("price of tomorrow", "last_updated = _known_at + interval 1 day"),
    "funding_minute_in_the_future": one("settlement of tomorrow", "funding_minute = _known_at + interval 1 day"),
    "timestamp_in_the_future": one(
        "sample of tomorrow",
        "timestamp = date_trunc('hour', _known_at) + interval 1 day",
        also=("fewest_rows_a_day",),
        because="a stray sample is alone on its day",
    ),
    "create_time_in_the_future": one(
        "sample of tomorrow",
        "file_date = cast(_known_at as date) + 1, create_time = cast(_known_at as date) + 1 + interval 1 hour",
    ),
    "open_time_in_the_future": one(
        "bar of tomorrow", "open_time = date_trunc('day', _known_at) + interval 1 day", _LAST_BAR
    ),
    "updated_at_in_the_future": one("total of tomorrow", "updated_at = _known_at + interval 1 day"),
    "quoted_at_in_the_future": one("quote of tomorrow", "quoted_at = _known_at + interval 1 day"),
    "yahoo_chart.close_in_another_unit": one(
        "bar in thousandths",
        "open = open * 1000, high = high * 1000, low = low * 1000, close = close * 1000",
        "session_date = (select max(session_date) from {table})",
    ),
    "binance_vision_klines.close_in_another_unit": one(
        "bar in thousandths",
        "open = open * 1000, high = high * 1000, low = low * 1000, close = close * 1000",
        _LAST_BAR,
    ),
    "current_price_in_another_unit": copied(
        "the next day a thousand times the price",
        "snapshot_date + 1 as snapshot_date, current_price * 1000 as current_price, 'spoiled' as _row_hash",
        "current_price > 0",
    ),
    "market_cap_in_another_unit": copied(
        "the next day a thousand times the cap",
        "snapshot_date + 1 as snapshot_date, market_cap * 1000 as market_cap, 'spoiled' as _row_hash",
        "market_cap > 0",
    ),
    "coingecko_global.total_market_cap_usd_in_another_unit": copied(
        "the next day a thousand times the total",
        "snapshot_date + 1 as snapshot_date, total_market_cap_usd * 1000 as total_market_cap_usd, 'next' as _row_hash",
    ),
    "coinmarketcap_total.total_market_cap_usd_in_another_unit": one(
        "total in thousandths", "total_market_cap_usd = total_market_cap_usd * 1000", _NEWEST
    ),
    "value_in_another_unit": one("supply in thousandths", "value = value * 1000", "metric = 'SplyCur' and " + _NEWEST),
    "ethereum_blocks.days_since_newest_day": gone("no block of the last days", "day > {night} - 2"),
    "ranks_missing": gone("a page of the ranking is missing", "market_cap_rank between 40 and 70"),
    "days_since_newest_snapshot": each("yesterday's snapshot again", "snapshot_date = snapshot_date - 1"),
    "altcoins_above_total": one("altcoins above the total", "altcoin_market_cap_usd = total_market_cap_usd * 1.01"),
    "largest_share_of_ranks_missing": gone("every fifth rank dropped", "cmc_rank % 5 = 0 and " + _NEWEST),
    "shortest_listing_beside_the_longest": gone(
        "listing stopped at half", "cmc_rank * 2 > (select max(cmc_rank) from {table}) and " + _NEWEST
    ),
    "price_of_zero": one("price of zero", "value = 0", "metric = 'PriceUSD'"),
    "days_since_newest_day": gone("no metric of the last days", "date > {night} - 4"),
    "gross_flow_below_zero": one("sign of an inflow flipped", "value = -value", "metric = 'inflow'"),
    "day_after_the_night": one("flow of a day that is not over", f"date = {_LATER}"),
    "days_since_newest_value": gone("inflows stopped", "metric = 'inflow' and date > {night} - 4"),
    "metrics_without_a_row": gone("no inflow at all", "metric = 'inflow'"),
    "cryptoquant_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "glassnode_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "glassnode_exchange_flows_pit.metric_to_be_in_set": _NEW_METRIC,
    "inbox_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "value_was_restated": copied(
        "point-in-time value restated", "_batch_id + 1 as _batch_id, value * 1.1 as value, 'restated' as _row_hash"
    ),
    "block_not_at_midnight": one("block of one in the morning", "first_block_time = day + interval 1 hour"),
    "blocks_out_of_order": one("block of another epoch", "first_block = 1", "day = (select max(day) from {table})"),
    "range_backwards": one("range ends before it starts", "to_block = from_block - 1"),
    "addresses_missing": one("amount left out", "value_raw = null"),
    "nobodys_wallet": one("wallet of nobody", "exchange = null", "kind = 'exchange'"),
    "ends_before_it_begins": one(
        "validity that ends before it begins", "valid_from = date '2024-01-02', valid_to = date '2024-01-01'"
    ),
}

# More than the suite tolerates, beside the single row: the delivery is refused and nothing is set aside.
MANY: Mapping[str, Spoil] = {
    "yahoo_chart.close_to_be_between": each("every price is zero", "close = 0, low = 0", many=True),
    "coingecko_markets.current_price_to_be_between": each("every price is negative", "current_price = -1", many=True),
    "binance_vision_metrics.sum_open_interest_to_be_between": each(
        "sign of every open interest flipped", "sum_open_interest = -1 - sum_open_interest", many=True
    ),
    "ethereum_transfers.value_raw_to_match_regex": each("every amount is hexadecimal", "value_raw = '0x1'", many=True),
    "okx_ratios.stamp_off_the_hour": each(
        "every stamp five minutes late", "timestamp = timestamp + interval 5 minute", many=True
    ),
    "cboe_closes.session_on_a_weekend": each(
        "a fifth of the sessions on a Saturday",
        "session_date = session_date + 1",
        "isodow(session_date) = 5",
        many=True,
    ),
}

STAGING: Mapping[str, Spoil] = {
    "hours_missing_of_thirty_days": gone(
        "an hour is missing",
        "symbol = 'BTCUSDT' and bar_interval = '1h' and open_time = {night}::timestamptz - interval 30 hour",
    ),
    "session_on_a_weekend": RAW["session_on_a_weekend"],
    "session_after_the_night": one("session of next week", f"session_date = {_LATER}"),
    "bucket_outside_its_file": one(
        "bucket of another day than its file", "bucket_start = bucket_start + interval 2 day"
    ),
    "bucket_off_the_grid": one(
        "bucket a minute late",
        "bucket_start = bucket_start + interval 1 minute",
        "extract(hour from bucket_start) = 12",
    ),
    "closes_before_it_opens": one("bar without a length", "close_at = open_time"),
    "bar_not_closed_by_the_night": one("bar still open", "close_at = ({night} + 1)::timestamptz + interval 1 hour"),
    "symbol_not_upper_case": one("ticker in lower case", "symbol = lower(symbol)", "symbol <> lower(symbol)"),
    "cap_is_not_price_times_supply": one("price in thousandths", "price_usd = price_usd * 1000"),
    "altcoins_above_total": one("altcoins above the total", "altcoin_cap_usd = total_cap_usd * 1.01"),
    "asset_not_lower_case": one("asset in upper case", "asset = upper(asset)"),
    "days_whose_reserve_did_not_change_by_the_netflow": each(
        "inflows counted three times", "value = value * 3", "metric = 'FlowInExNtv' and date > {night} - 40"
    ),
    "date_after_the_night": one("day after the night", f"date = {_LATER}"),
    "stg_coingecko__global.date_after_the_night": one("snapshot of next week", f"snapshot_date = {_LATER}"),
    "day_after_the_night": one("day after the night", f"date = {_LATER}"),
    "netflow_is_not_in_minus_out": one("sign of the netflow flipped", "netflow = -netflow", "netflow <> 0"),
    "day_of_impossible_length": one(
        "day of two days' blocks", "last_block = last_block + 7200", "last_block is not null"
    ),
    "range_backwards": RAW["range_backwards"],
    "project_labels_nothing": one("the project's list is empty", "wallets = 0", "origin = 'project'"),
    "ends_before_it_begins": RAW["ends_before_it_begins"],
}

MODELS: Mapping[str, Spoil] = {
    "negative_volatility": one("volatility below zero", "base = -0.01", "outcome = 'volatility'"),
    "crowd_that_is_not_high": one("a crowd where nobody is", "is_crowded_retail = true, account_percentile = 0.5"),
    "int_coin_caps.key_is_unique": copied("a row twice", where="cap_rank is null"),
    "int_coin_caps.provider_to_be_in_set": each("a day from nobody we know", "provider = 'something else'", _NEWEST),
    "rank_without_cap": one("rank of a coin without a cap", "market_cap_usd = null", "cap_rank is not null"),
    "ranked_though_no_coin": one("a stablecoin is ranked", "asset_class = 'stablecoin'", "cap_rank is not null"),
    "day_with_two_providers": one(
        "two providers in one ranking",
        "provider = 'coinmetrics'",
        "rowid = (select min(rowid) from {table} where provider = 'coingecko')",
    ),
    "rank_given_twice": one("two coins of one rank", "cap_rank = 1", "cap_rank = 2"),
    "priced_in_the_future": one("price of a later day", "price_date = date + 1"),
    "peak_before_its_history": one("peak before the first price", "peak_date = history_from - 1"),
    "day_after_the_night": one("day after the night", f"date = {_LATER}"),
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
    "series_without_a_recent_close": gone("no close of one fund", "symbol = 'IWM' and session_date > {night} - 5"),
    "session_after_the_night": one("session of next week", f"session_date = {_LATER}"),
    "provider_checks_itself": one("a provider that checks itself", "provider = check_provider"),
    "closes_disagree": one("restated by one of two providers", "check_close = close * 1.02, agrees = false"),
    "rest_and_archive_disagree": one("labels moved in one of two sources", "agrees = false"),
    "pattern_without_its_points": one("pattern without a point", "e1_close = null", "is_pattern"),
    "point_after_the_window": one("point of a later session", "e5_date = session_date", "is_pattern"),
    "price_of_another_day": one("stamp shifted by a day", "priced_at = priced_at + interval 1 day"),
    "return_without_price": one("return without a price", "log_price = null", "log_return is not null"),
    "week_return_inside_a_week": one("a week that ends inside a week", "week_return = 0.01", "not is_week_end"),
    "event_after_the_night": one("event of next week", f"session_date = {_LATER}"),
    "ends_before_it_begins": RAW["ends_before_it_begins"],
    "known_at_the_time_by_nobody": one(
        "a restated provider's flow as known at the time", "netflow_pit = 1", "provider <> 'glassnode'"
    ),
    "bar_without_a_session": copied(
        "bar of a holiday", "date '2025-12-25' as session_date", "session_date = '2025-12-24'"
    ),
    "sessions_missing_of_a_year": gone("a half day is missing", "symbol = 'SPY' and session_date = '2025-11-28'"),
    "coverage_of_the_newest_day": each("half of the newest day", "coverage = 0.5", _NEWEST),
    "share_sufficient_on_the_newest_day": each("few samples on the newest day", "is_sufficient = false", _NEWEST),
    "days_missing_of_ninety": gone("a day without caps", "date = {night} - 10"),
    "int_coin_caps.days_since_newest_day": gone("no caps of the last days", "date > {night} - 3"),
    "int_total_cap_daily.days_since_newest_day": gone("no totals of the last days", "date > {night} - 2"),
    "int_coin_caps.rows_of_the_newest_day_over_the_median": Spoil(
        "two thirds of a day's coins did not come",
        (
            _FORTY_DAYS,
            f"delete from {{table}} where {_NEWEST}",
            f"delete from {{table}} where {_NEWEST} and hash(coin_id) % 3 > 0",
        ),
    ),
    "int_coin_caps.newest_day_in_robust_deviations": Spoil(
        "a day's caps in thousandths",
        (
            _FORTY_DAYS,
            f"delete from {{table}} where {_NEWEST}",
            f"update {{table}} set market_cap_usd = market_cap_usd * 1000 where {_NEWEST}",
        ),
    ),
    "int_daily_ratios.rows_of_the_newest_day_over_the_median": Spoil(
        "most perpetuals of the newest day did not come",
        (_FORTY_DAYS, f"delete from {{table}} where {_NEWEST} and perpetual <> (select min(perpetual) from {{table}})"),
        also=("newest_day_in_robust_deviations",),
        because="forty days alike have no spread",
    ),
    "int_daily_ratios.newest_day_in_robust_deviations": Spoil(
        "the newest day's ratios in thousandths",
        (_FORTY_DAYS, f"update {{table}} set ratio = ratio * 1000, log_ratio = ln(ratio * 1000) where {_NEWEST}"),
    ),
    "int_daily_netflow.rows_of_the_newest_day_over_the_median": gone(
        "most tokens of the newest day did not come",
        f"symbol <> (select min(symbol) from {{table}} where {_NEWEST}) and {_NEWEST}",
    ),
    "int_daily_netflow.newest_day_in_robust_deviations": each(
        "logs of another contract counted", "transfers = (coalesce(transfers, 0) + 1) * 100000", _NEWEST
    ),
    "part_above_total": one("a part above the whole", "total_ex_btc_usd = total_cap_usd * 1.01"),
    "days_missing_inside": gone("a day without a total", "date = date '2025-10-01'"),
    "int_total_cap_daily.key_is_complete": one("a day left out", "date = null", "date = '2025-10-01'"),
    "int_total_cap_daily.key_is_unique": one(
        "a day twice in place of the next", "date = date - 1", "date = '2025-10-01'"
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
        "a Saturday session", f"session_date = {_SATURDAY}, close_at = timestamptz '2026-01-10 21:00:00+00'"
    ),
    "int_xnys_sessions.session_after_the_night": one(
        "session of next week", f"session_date = {_LATER}, close_at = ({_LATER})::timestamptz + interval 21 hour"
    ),
    "longest_gap_in_days": gone("a week of sessions is missing", "session_date between '2025-10-06' and '2025-10-10'"),
}

CLAIMS: Mapping[str, Spoil] = {
    "interval_backwards": one("ends of an interval swapped", "ci_low = 0.2, ci_high = 0.1"),
    "value_of_an_untestable_claim": one("verdict against its own p", "verdict = 'not_testable', p_value = 0.5"),
    "evaluated_after_the_night": one("evaluated next week", f"evaluation_date = {_LATER}"),
    "claims.evaluated_after_the_night": each("evaluated next week", f"evaluation_date = {_LATER}"),
    "claims.key_is_complete": one("claim left out", "claim_id = null"),
    "claims.key_is_unique": one("one claim twice in place of another", "claim_id = 'C1'", "claim_id = 'C2'"),
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
    "accumulation_distribution.days_since_newest_date": gone("no flows of the last days", "date > {night} - 5"),
    "days_since_newest_evaluation": each("yesterday's claims again", "evaluation_date = evaluation_date - 1"),
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
        "equity_pivots = 4, crypto_pivots = 8, matches = 5, match_share = 10.0 / 12",
    ),
    "share_is_not_matches_over_pivots": one(
        "share of other counts", "equity_pivots = 4, crypto_pivots = 8, matches = 3, match_share = 0.9"
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
        "pattern known next week", f"confirmed_date = {_LATER}", "breakout_date is null and failed_date is null"
    ),
    "drawn_after_the_night": one("drawn next week", f"as_of_date = {_LATER}"),
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
    "others_btc_cycle_gains.known_after_the_night": one("peak known next week", f"peak_confirmed_date = {_LATER}"),
    # events and the composite
    "more_measured_than_there_are": one("more measured than there are", "n_pending = n_events + 1 - n_measured"),
    "adjusted_below_the_plain": one("Holm makes it easier", "p_value = 0.04, p_holm = 0.02"),
    "event_without_a_composite": one("event without a composite", "composite = null, is_event = true, reason = 'x'"),
    "composite_without_its_record": one(
        "composite without its record", "record_events = null", "composite is not null"
    ),
    # assets and forecasts
    "cap_after_the_night": one("cap of next week", f"cap_date = {_LATER}"),
    "perpetual_not_said": one("perpetual not said", "has_perpetual = not has_perpetual"),
    "coins": gone("no coin at all", "true"),
    "scored_without_a_horizon": one("judged without a horizon", "horizon_days = null, status = 'open'"),
    "scored_before_it_is_due": one(
        "judged before it is due", "status = 'came_true', due_date = {night} + 10", "horizon_days > 0"
    ),
    "forecast_ledger.status_to_be_in_set": one("no known status", "status = 'something else'", "horizon_days > 0"),
    "made_after_the_night": one("forecast of next week", f"made_at = ({_LATER})::timestamptz"),
    "date_after_the_night": one("day after the night", f"date = {_LATER}"),
    "accumulation_distribution.date_after_the_night": one(
        "day after the night", f"date = {_LATER}", "state <> 'UNKNOWN'"
    ),
    "equity_crypto_lead_lag.date_after_the_night": one("month-end after the night", f"as_of_date = {_LATER}"),
    "turning_point_matches.date_after_the_night": one("month-end after the night", f"as_of_date = {_LATER}"),
}

_ESTIMATES = {
    "correlation_outside_its_interval": "equity_crypto_correlation",
    "median_outside_its_interval": "cap_tier_long_bias",
}
_INTERVALS = {
    f"{table}.interval_backwards": one(
        "ends of an interval swapped",
        "ci_low = ci_high, ci_high = ci_low",
        "ci_low < ci_high",
        also=(rule,),
        because=_BACKWARDS,
    )
    for rule, table in _ESTIMATES.items()
}

BY_LAYER: Mapping[str, Mapping[str, Spoil]] = {
    "raw": RAW,
    "staging": STAGING,
    "intermediate": {**MARTS, **MODELS, **CLAIMS, **_INTERVALS},
    "marts": {**MODELS, **CLAIMS, **MARTS, **_INTERVALS},
}
