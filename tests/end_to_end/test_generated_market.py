"""The generated market, whole: three nights, what they publish, and the planted truth found again."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from whole_nights import Place

from ingestion.sandbox.generator import generate
from orchestration.publishing import meta
from orchestration.validation.dictionary import Table, tables

pytestmark = pytest.mark.slow
FIRST, SECOND = "2026-01-16", "2026-01-17"
WALLETS = files("ingestion.reference") / "exchange_wallets.csv"


class Nights(NamedTuple):
    """The home after the second night was run twice, and what was remembered on the way."""

    place: Place
    first: dict[str, Any]
    second: dict[str, Any]
    requests: dict[str, int]
    daily_ratios: pd.DataFrame


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder / "market", seed=1)
    place = Place(folder / "home", folder / "market")
    place.night(FIRST)
    first = place.manifest
    before = place.warehouse("select * from intermediate.int_daily_ratios")
    place.night(SECOND)
    asked = place.published("select night::varchar as night, sum(rows_parsed) as rows from meta.batches group by all")
    return Nights(place, first, place.manifest, dict(zip(asked["night"], asked["rows"], strict=True)), before)


@pytest.fixture(scope="module")
def truth(nights: Nights) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((nights.place.market / "truth.json").read_text())
    return found


def test_the_next_night_reads_a_small_part_and_touches_only_new_days(nights: Nights) -> None:
    assert nights.requests[SECOND] < 0.1 * nights.requests[FIRST]
    now = nights.place.warehouse("select * from intermediate.int_daily_ratios")
    assert now["date"].max() == pd.Timestamp(SECOND)
    old = now[now["date"] < pd.Timestamp(SECOND)]
    key = ["date", "perpetual", "ratio_kind"]
    pd.testing.assert_frame_equal(
        old.sort_values(key).reset_index(drop=True), nights.daily_ratios.sort_values(key).reset_index(drop=True)
    )


def test_every_table_that_was_built_has_the_columns_and_types_of_the_dictionary(nights: Nights) -> None:
    built = nights.place.warehouse(
        """select schema_name || '.' || table_name as name, column_name, lower(data_type) as type
        from duckdb_columns() where schema_name in ('seeds', 'staging', 'intermediate', 'marts')
        order by column_index"""
    )
    found = {name: dict(zip(rows["column_name"], rows["type"], strict=True)) for name, rows in built.groupby("name")}
    described = {
        table.full_name: {name: column.type for name, column in table.columns.items()}
        for table in tables().values()
        if table.schema != "raw"
    }
    assert found == described


@pytest.mark.parametrize("table", meta.TABLES, ids=lambda table: table.name)
def test_what_is_published_beside_the_marts_keeps_what_the_dictionary_says_of_it(nights: Nights, table: Table) -> None:
    rows = nights.place.published(f'select * from meta."{table.name}"')
    assert list(rows.columns) == list(table.columns)
    assert not table.key or not rows.duplicated(list(table.key)).any()
    for name, column in table.columns.items():
        assert not ((column.required or name in table.key) and rows[name].isna().any()), name
        assert not column.values or set(rows[name].dropna()) <= set(column.values), name


def test_no_table_is_left_that_was_made_on_the_way(nights: Nights) -> None:
    left = nights.place.warehouse(
        """select schema_name, table_name from duckdb_tables()
        where schema_name not in ('raw', 'seeds', 'staging', 'intermediate', 'marts', 'meta', 'quarantine')"""
    )
    assert left.empty, left.to_string()


def test_the_same_night_again_changes_nothing(nights: Nights) -> None:
    published = nights.place.home / "published"
    before = {path: path.stat().st_mtime_ns for path in published.rglob("*.*") if path.is_file()}
    landed = sorted((nights.place.home / "landing").rglob("*"))
    nights.place.night(SECOND)
    assert nights.place.manifest == nights.second
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert sorted((nights.place.home / "landing").rglob("*")) == landed


def test_everything_that_was_served_is_in_raw(nights: Nights) -> None:
    """Row for row from the market's files to the raw tables, as far as each dataset's window reaches."""
    market = nights.place.market
    counted = nights.place.warehouse(f"""
        select 'equity bars' as what,
            (select count(*) from '{market}/equity_bars.parquet' where session_date <= '{SECOND}') as served,
            (select count(distinct (symbol, session_date)) from raw.yahoo_chart) as kept
        union all
        select 'totals', (select count(*) from '{market}/total_cap.parquet' where date <= '{SECOND}'),
            (select count(distinct date) from raw.coinmarketcap_total)
        union all
        select 'bitcoin, hours',
            (select count(*) from '{market}/crypto_bars.parquet'
             where symbol = 'BTCUSDT' and interval = '1h' and open_time < date '{SECOND}' + 1
               and open_time >= (select min(open_time) from raw.binance_vision_klines
                                 where symbol = 'BTCUSDT' and interval = '1h')),
            (select count(distinct open_time) from raw.binance_vision_klines
             where symbol = 'BTCUSDT' and interval = '1h')
        union all
        select 'five-minute metrics',
            (select count(distinct (symbol, ts)) from '{market}/derivatives_ratios.parquet'
             where ts < date '{SECOND}' + 1 and ts >= (select min(file_date) from raw.binance_vision_metrics)),
            (select count(distinct (symbol, create_time)) from raw.binance_vision_metrics)
        union all
        select 'transfers',
            (select count(*) from '{market}/token_transfers.parquet' where block_time < date '{SECOND}' + 1
             and block_time >= (select min(day) from raw.ethereum_ranges)
             -- The market also has transfers between people: no exchange, so nobody asks for them.
             and (from_address in (select address from '{WALLETS}')
                  or to_address in (select address from '{WALLETS}'))),
            (select count(*) from (select distinct transaction_hash, log_index from raw.ethereum_transfers))
    """)
    assert (counted["served"] > 0).all()
    assert counted["served"].tolist() == counted["kept"].tolist(), counted.to_string()


def test_the_streak_the_highs_and_the_return_are_those_that_were_planted(nights: Nights, truth: dict[str, Any]) -> None:
    streak = nights.place.published("select session_date::varchar as day, streak_length from marts.equity_streaks")
    assert streak.set_index("day")["streak_length"]["2026-01-14"] == truth["equities"]["streak"]["length_on_2026_01_14"]
    rut = nights.place.published("""
        select session_date::varchar as day, ytd_return, is_fresh_ath from marts.equity_breakout where symbol = '^RUT'
    """).set_index("day")
    planted = truth["equities"]["ytd_return"]
    assert rut.loc[list(planted), "ytd_return"].to_dict() == pytest.approx(planted, abs=1e-5)  # Yahoo's float32 noise
    assert rut.index[rut["is_fresh_ath"]].tolist() == truth["equities"]["fresh_all_time_highs"]


@pytest.mark.parametrize(
    ("series", "alignment", "planted"),
    [
        ("total_cap", "utc_close", "total_cap_at_utc_close"),
        ("btc", "session_close", "btc_at_session_close"),
    ],
)
def test_the_interval_of_a_years_correlation_covers_the_planted_one(
    nights: Nights, truth: dict[str, Any], series: str, alignment: str, planted: str
) -> None:
    row = nights.place.published(f"""
        select * from marts.equity_crypto_correlation
        where equity_symbol = '^RUT' and crypto_series = '{series}' and window_sessions = 252 and method = 'pearson'
        order by session_date desc limit 1""").iloc[0]
    assert row["alignment"] == alignment
    assert row["ci_low"] <= truth["correlation"][planted] <= row["ci_high"]


def test_the_long_bias_rises_as_caps_fall_by_the_planted_slope(nights: Nights, truth: dict[str, Any]) -> None:
    trend = nights.place.published("""
        select ratio_kind, avg(theil_sen_slope) as slope, arg_max(jt_p_value, date) as p
        from marts.long_bias_trend group by all""").set_index("ratio_kind")
    for kind, planted in truth["long_bias"]["kinds"].items():
        assert trend.loc[kind, "slope"] == pytest.approx(planted["slope"], abs=0.02), kind
        if planted["slope"]:
            assert trend.loc[kind, "p"] < 0.05


def test_netflow_states_are_right_away_from_the_thresholds(nights: Nights, truth: dict[str, Any]) -> None:
    found = nights.place.published("""
        select symbol, date, state from marts.accumulation_distribution where exchange = 'binance'""")
    right = total = 0
    for symbol, spans in truth["netflow"]["states"].items():
        for span in spans:
            days = found[(found["symbol"] == symbol) & found["date"].between(span["from"], span["to"])]
            assert len(days) > 0, symbol
            right += int((days["state"] == span["state"]).sum())
            total += len(days)
    assert right / total >= 0.95, f"{right} of {total}"
    migrating = found[(found["symbol"] == "MATIC") & (found["date"] >= "2025-08-29")]
    assert set(migrating["state"]) == {"UNKNOWN"}


def test_the_pattern_is_known_within_three_sessions_of_its_date(nights: Nights, truth: dict[str, Any]) -> None:
    planted = truth["equities"]["pattern"]
    found = nights.place.published(f"""
        select confirmed_date, breakout_date::varchar as breakout from marts.chart_patterns
        where symbol = '{planted["symbol"]}' and bar_interval = '{planted["bar_interval"]}'
            and abs(head_date - date '{planted["extrema"][2]}') <= 1""")
    assert len(found) == 1
    sessions = nights.place.published("select session_date from marts.equity_streaks")["session_date"]
    late = (sessions > planted["confirmed"]) & (sessions <= found["confirmed_date"].iloc[0])
    early = (sessions > found["confirmed_date"].iloc[0]) & (sessions <= planted["confirmed"])
    assert late.sum() <= 3
    assert early.sum() <= 3
    assert found["breakout"].iloc[0] == planted["breakout"]


def test_others_against_bitcoin_gained_what_was_planted(nights: Nights, truth: dict[str, Any]) -> None:
    gains = nights.place.published("""
        select trough_date::varchar as trough, peak_date::varchar as peak, gain from marts.others_btc_cycle_gains
        where membership = 'daily_ranks' and denominator = 'btc_price' and is_main_rule and peak_date is not null""")
    planted = truth["others_btc"]["cycles"][-1]
    newest = gains.sort_values("trough").iloc[-1]
    assert (newest["trough"], newest["peak"]) == (planted["trough"], planted["peak"])
    assert newest["gain"] == pytest.approx(planted["gain"], rel=0.01)


def test_the_coins_that_fell_are_as_far_below_their_peak_as_planted(nights: Nights, truth: dict[str, Any]) -> None:
    """A made-up coin has no id in the reference: its history stands under its ticker at Coin Metrics."""
    found = nights.place.warehouse("""
        select regexp_replace(coin_id, '^coinmetrics:sbx', 'sandbox-coin-') as coin_id, drawdown
        from intermediate.int_coin_drawdowns
        where date = (select max(date) from intermediate.int_coin_drawdowns) and history_days >= 180""")
    found = found.set_index("coin_id")["drawdown"]
    planted = truth["fallen"]["drawdown"]
    known = [coin_id for coin_id in planted if coin_id in found.index]
    assert len(known) > 0.9 * len(planted)
    assert found[known].tolist() == pytest.approx([planted[coin_id] for coin_id in known], abs=0.01)
    published = nights.place.published("""
        select share_80_to_90 from marts.drawdowns where cap_tier = 'all' and universe = 'with_dead'
        order by date desc limit 1""")
    assert published["share_80_to_90"].iloc[0] > 0.25


def test_every_claim_has_one_verdict_with_a_reason_each_night(nights: Nights) -> None:
    claims = nights.place.published("select * from marts.claims")
    assert claims.groupby("evaluation_date")["claim_id"].nunique().tolist() == [10, 10]
    assert not claims.duplicated(["claim_id", "evaluation_date"]).any()
    assert (claims["reason"].str.len() > 0).all()


def test_what_is_published_says_that_it_is_generated(nights: Nights) -> None:
    assert nights.second["market"]["kind"] == "generated"
    report = (nights.place.home / "docs" / "report.html").read_text()
    assert "GENERATED market, seed 1: no real prices" in report
    assert str(Path(nights.place.home)) not in report
