"""How rules of raw and staging tables are tripped, written by hand: by the rule's name, or by `table.rule`.

Belongs here: what a person thought of. What follows from a rule of one column belongs to `generic`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.corruption.entry import LATER, NEWEST, NEXT_WEEK, SATURDAY, Spoil, copied, each, gone, one

_NEW_METRIC = one("a metric that nobody asked for", "metric = 'something else'", NEWEST)

RAW: Mapping[str, Spoil] = {
    "session_on_a_weekend": one("session stamped a Saturday", f"session_date = {SATURDAY}"),
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
    "ranks_missing": gone("a page of the ranking is missing", "market_cap_rank between 40 and 70"),
    "days_since_newest_snapshot": each("yesterday's snapshot again", "snapshot_date = snapshot_date - 1"),
    "altcoins_above_total": one("altcoins above the total", "altcoin_market_cap_usd = total_market_cap_usd * 1.01"),
    "largest_share_of_ranks_missing": gone("every fifth rank dropped", "cmc_rank % 5 = 0 and " + NEWEST),
    "shortest_listing_beside_the_longest": gone(
        "listing stopped at half", "cmc_rank * 2 > (select max(cmc_rank) from {table}) and " + NEWEST
    ),
    "price_of_zero": one("price of zero", "value = 0", "metric = 'PriceUSD'"),
    "days_since_newest_day": gone("no metric of the last days", "date > {night} - 4"),
    "ethereum_blocks.days_since_newest_day": gone("no block of the last days", "day > {night} - 3"),
    "gross_flow_below_zero": one("sign of an inflow flipped", "value = -value", "metric = 'inflow'"),
    "day_after_the_night": one("flow of a day that is not over", f"date = {LATER}"),
    "days_since_newest_value": gone("inflows stopped", "metric = 'inflow' and date > {night} - 4"),
    "metrics_without_a_row": gone("no inflow at all", "metric = 'inflow'"),
    "cryptoquant_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "glassnode_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "glassnode_exchange_flows_pit.metric_to_be_in_set": _NEW_METRIC,
    "inbox_exchange_flows.metric_to_be_in_set": _NEW_METRIC,
    "value_was_restated": copied(
        "point-in-time value restated", "_batch_id + 1 as _batch_id, value * 1.1 as value, _row_hash + 1 as _row_hash"
    ),
    "block_not_at_midnight": one("block of one in the morning", "first_block_time = day + interval 1 hour"),
    "blocks_out_of_order": one("block of another epoch", "first_block = 1", "day = (select max(day) from {table})"),
    "range_backwards": one("range ends before it starts", "to_block = from_block - 1"),
    "addresses_missing": one("amount left out", "value_raw = null"),
    "no_address_of_ethereum": one("an address cut short", "address = address[:41]", "network = 'ETH'"),
    "nobodys_wallet": one("wallet of nobody", "exchange = null", "kind = 'exchange'"),
    "ends_before_it_begins": one(
        "validity that ends before it begins", "valid_from = date '2024-01-02', valid_to = date '2024-01-01'"
    ),
}

_A_DAY_OF_ITS_OWN = "a stamp of next week is a day of one row"
FUTURE: Mapping[str, Spoil] = {
    **{
        f"{column}_in_the_future": one("stamp of next week", f"{column} = {NEXT_WEEK}")
        for column in ("funding_minute", "open_time", "updated_at", "quoted_at")
    },
    "timestamp_in_the_future": one(
        "stamp of next week", f"timestamp = {NEXT_WEEK}", also=("fewest_rows_a_day",), because=_A_DAY_OF_ITS_OWN
    ),
    "create_time_in_the_future": one(
        "file of next week", "create_time = timestamp '2026-01-20 01:00:00', file_date = date '2026-01-20'"
    ),
}
UNITS: Mapping[str, Spoil] = {
    f"{table}_in_another_unit": one(
        "a value in thousandths",
        ", ".join(f"{column} = {column} * 1000" for column in columns),
        f"{columns[0]} > 0 and {day} = (select max({day}) from {{table}}) and {other}",
    )
    for table, day, other, columns in (
        ("yahoo_chart.close", "session_date", "true", ("close", "open", "high", "low")),
        ("binance_vision_klines.close", "open_time", "true", ("close", "open", "high", "low")),
        ("coingecko_global.total_market_cap_usd", "snapshot_date", "true", ("total_market_cap_usd",)),
        ("coingecko_markets.current_price", "snapshot_date", "true", ("current_price",)),
        ("coingecko_markets.market_cap", "snapshot_date", "true", ("market_cap",)),
        ("coinmarketcap_total.total_market_cap_usd", "date", "true", ("total_market_cap_usd",)),
        ("coinmetrics_asset_metrics.value", "date", "metric = 'PriceUSD'", ("value",)),
    )
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
    "session_on_a_weekend": RAW["session_on_a_weekend"],
    "session_after_the_night": one("session of next week", f"session_date = {LATER}"),
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
    "hours_missing_of_thirty_days": gone(
        "an hour without a bar", "bar_interval = '1h' and open_time = timestamptz '2026-01-10 05:00:00+00'"
    ),
    "symbol_not_upper_case": one("ticker in lower case", "symbol = lower(symbol)", "symbol <> lower(symbol)"),
    "cap_is_not_price_times_supply": one("price in thousandths", "price_usd = price_usd * 1000"),
    "altcoins_above_total": one("altcoins above the total", "altcoin_cap_usd = total_cap_usd * 1.01"),
    "asset_not_lower_case": one("asset in upper case", "asset = upper(asset)"),
    "days_whose_reserve_did_not_change_by_the_netflow": each(
        "inflows counted three times", "value = value * 3", "metric = 'FlowInExNtv' and date > {night} - 40"
    ),
    "date_after_the_night": one("day after the night", f"date = {LATER}"),
    "stg_coingecko__global.date_after_the_night": one("snapshot of next week", f"snapshot_date = {LATER}"),
    "day_after_the_night": one("day after the night", f"date = {LATER}"),
    "netflow_is_not_in_minus_out": one("sign of the netflow flipped", "netflow = -netflow", "netflow <> 0"),
    "day_of_impossible_length": one(
        "day of two days' blocks", "last_block = last_block + 7200", "last_block is not null"
    ),
    "range_backwards": RAW["range_backwards"],
    "project_labels_nothing": one("the project's list is empty", "wallets = 0", "origin = 'project'"),
    "ends_before_it_begins": RAW["ends_before_it_begins"],
}
