"""Every trap that the providers' notes warn of has a test of its own; this is where to find it."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent
VISION, FUTURES, YAHOO = "sources/test_binance_vision.py", "sources/test_binance_futures.py", "sources/test_yahoo.py"
METRICS, ETHEREUM, REFERENCE = "sources/test_coinmetrics.py", "sources/test_ethereum.py", "test_reference.py"
TRAPS = {
    "the archive's labels moved on 2026-06-25": (VISION, "the_label_shift_is_found_in_each_file_and_by_no_date"),
    "the label in two files": (VISION, "the_label_of_2026_06_25_midnight_is_in_two_files_and_neither_row_is_lost"),
    "doubled rows": (VISION, "doubled_rows_are_one_row_in_raw_and_are_counted"),
    "rows out of order": (VISION, "rows_out_of_order_lose_nothing"),
    "short days": (VISION, "a_short_day_is_complete_and_its_missing_rows_are_not_made_up"),
    "blank cells": (VISION, "blank_cells_are_null_and_not_zero"),
    "zero open interest": (VISION, "zero_open_interest_is_kept_as_delivered"),
    "a silent re-issue": (VISION, "a_silent_re_issue_is_downloaded_again_and_an_unchanged_file_is_not"),
    "1000X contracts, and 1INCH": (
        FUTURES,
        "contracts_of_a_thousand_coins_are_told_by_the_table_and_1inch_is_one_coin",
    ),
    "Yahoo's newest bar": (YAHOO, "the_newest_bar_stamped_with_the_last_trade_keeps_its_session_date"),
    "Yahoo's null rows": (YAHOO, "a_null_bar_is_left_out_and_not_zero"),
    "Yahoo's duplicate rows": (YAHOO, "of_two_bars_on_one_date_the_last_counts"),
    "missing sessions": (
        "test_coverage.py",
        "a_session_that_is_missing_inside_an_answer_is_named_and_a_weekend_is_none",
    ),
    "newest-first paging": (METRICS, "the_first_page_is_asked_to_be_the_oldest_and_pages_are_followed_on_our_own_host"),
    "one closed metric": (METRICS, "one_closed_metric_does_not_spoil_the_call_for_the_others"),
    "the 365-day wall": ("sources/test_coingecko.py", "the_365_day_wall_is_a_refusal_for_good_that_says_why"),
    "missing ranks": ("sources/test_coinmarketcap.py", "ranks_missing_from_a_listing_stay_missing_and_none_moves_up"),
    "OKX's UTC+8 days": ("sources/test_okx.py", "days_open_at_utc_plus_8_so_the_hours_of_a_utc_day_are_asked"),
    "double-sided open interest": (
        "sources/test_bybit.py",
        "open_interest_counts_both_sides_and_the_single_one_is_what_other_venues_count",
    ),
    "-32005 in both meanings": (ETHEREUM, "minus_32005_means_too_many_rows_or_too_fast_by_its_text"),
    "range limits that repeat": (ETHEREUM, "a_range_limit_that_repeats_whatever_is_asked_ends"),
    "amounts beyond 64 bits": (ETHEREUM, "an_amount_beyond_64_bits_stays_exact"),
    "MATIC became POL": (REFERENCE, "matic_became_pol_one_to_one_and_the_two_are_never_asked_for_on_one_day"),
    "FET, AGIX and OCEAN": (REFERENCE, "agix_and_ocean_end_in_fet_at_their_own_rates_and_keep_their_own_prices"),
    "reused tickers": (REFERENCE, "a_ticker_that_is_used_again_is_another_coin_from_that_day_on"),
    "legacy contracts": (
        REFERENCE,
        "a_legacy_contract_is_asked_for_and_ends_and_never_stands_for_the_coin_beside_the_new_one",
    ),
}


def test_every_trap_has_a_test_of_its_own() -> None:
    assert len(set(TRAPS.values())) == len(TRAPS)
    found = {file: _tests_of(HERE / file) for file, _ in TRAPS.values()}
    assert [trap for trap, (file, name) in TRAPS.items() if f"test_{name}" not in found[file]] == []


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
