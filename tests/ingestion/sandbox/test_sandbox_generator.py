"""Generated markets: the same bytes again, files that agree with each other, and the planted truth in the files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from analytics.netflow import ema, robust_z, states
from analytics.streaks import streak_lengths
from ingestion.errors import SettingsError
from ingestion.sandbox import reference
from ingestion.sandbox.generator import SMALL, generate

TINY = replace(
    SMALL, first_day=date(2025, 3, 3), filler_coins=0, perpetuals=5, ratio_days=3, tokens=7, transfer_days=90
)
SURELY = 3.3  # standard errors


def hashes(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def columns(files: duckdb.DuckDBPyConnection, sql: str) -> list[np.ndarray[Any, Any]]:
    return list(files.execute(sql).fetchnumpy().values())


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(tmp_path / name, seed=seed, size=TINY)
    one, same, other = (hashes(tmp_path / name) for name in "abc")
    assert one == same
    assert len(one) == 8
    assert all(one[name] != other[name] for name in one)


def test_unwritable_directory_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        generate(tmp_path / "file", size=TINY)


def test_story_of_the_small_caps(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    sql = "SELECT session_date, close FROM equity_bars WHERE symbol = '{}' ORDER BY session_date"
    (days, rut), (_, gspc) = (columns(files, sql.format(symbol)) for symbol in ("^RUT", "^GSPC"))
    at = {str(day)[:10]: position for position, day in enumerate(days)}
    returns = {day: rut[at[day]] / rut[at["2025-12-31"]] - 1 for day in ("2026-01-14", "2026-01-15")}
    assert returns == pytest.approx({"2026-01-14": 0.0683, "2026-01-15": 0.0775}, abs=1e-6)

    runs = streak_lengths(np.concatenate([[0.0], np.diff(np.log(rut)) - np.diff(np.log(gspc))]))
    assert [runs[at[day]] for day in ("2025-12-31", "2026-01-02", "2026-01-14", "2026-01-22", "2026-01-23")] == [
        0, 1, 9, 14, 0,
    ]  # fmt: skip
    ends = [str(days[t])[:10] for t in range(len(runs) - 1) if runs[t] >= 9 and runs[t + 1] == 0]
    assert ends == [truth["equities"]["streak"]["earlier_run_end"], "2026-01-22"]
    assert runs[at[ends[0]]] == 9

    highs = [t for t in range(len(rut)) if t == 0 or rut[t] > rut[:t].max()]
    fresh = [str(days[t])[:10] for before, t in pairwise(highs) if t - before >= 60]
    assert fresh == truth["equities"]["fresh_all_time_highs"]
    assert [day for day in fresh if day.startswith("2026-01")]


def test_the_planted_pattern_has_its_shape_and_breaks_out_after_it_is_known(
    files: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    sql = "SELECT session_date, close FROM equity_bars WHERE symbol = '^RUT' ORDER BY session_date"
    days, rut = columns(files, sql)
    at = {str(day)[:10]: position for position, day in enumerate(days)}
    planted = truth["equities"]["pattern"]
    e1, e2, e3, e4, e5 = (rut[at[day]] for day in planted["extrema"])
    assert e3 < min(e1, e5)
    assert max(e1, e5) < min(e2, e4)
    assert abs(e1 - e5) < 0.015 * (e1 + e5) / 2
    assert abs(e2 - e4) < 0.015 * (e2 + e4) / 2
    assert at[planted["extrema"][-1]] + 3 == at[planted["confirmed"]]
    assert "2026-01-01" < planted["breakout"] <= "2026-01-16"


def test_correlation_at_the_session_close(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    """BTC's last hourly close at or before 16:00 New York; the total at midnight UTC after the session."""
    sql = """
        WITH sessions AS (
            SELECT session_date, close,
                (session_date + CASE WHEN session_date IN (DATE '2024-07-03', DATE '2024-11-29', DATE '2024-12-24',
                    DATE '2025-07-03', DATE '2025-11-28', DATE '2025-12-24') THEN INTERVAL 13 HOUR
                    ELSE INTERVAL 16 HOUR END) AT TIME ZONE 'America/New_York' AS closed_at
            FROM equity_bars WHERE symbol = '^RUT'
        )
        SELECT s.close, b.close AS bitcoin, t.total_cap_usd
        FROM sessions AS s
        JOIN crypto_bars AS b ON b.symbol = 'BTCUSDT' AND b."interval" = '1h'
            AND b.open_time + INTERVAL 1 HOUR = s.closed_at
        JOIN total_cap AS t ON t.date = s.session_date
        ORDER BY s.session_date"""
    returns = [np.diff(np.log(column)) for column in columns(files, sql)]
    planted = truth["correlation"]
    for series, expected in ((1, planted["btc_at_session_close"]), (2, planted["total_cap_at_utc_close"])):
        found = np.corrcoef(returns[0], returns[series])[0, 1]
        assert abs(np.arctanh(found) - np.arctanh(expected)) < SURELY / np.sqrt(len(returns[0]) - 3)
    assert planted["total_cap_at_session_close"] == 0.5


def test_files_agree_with_each_other(files: duckdb.DuckDBPyConnection) -> None:
    differing = """
        SELECT count(*) FROM coin_caps AS c JOIN crypto_bars AS b ON b."interval" = '1d' AND b.open_time::DATE = c.date
            AND b.symbol = c.symbol || 'USDT' WHERE b.close <> c.price_usd"""
    compared = differing.replace("<>", "=")
    assert files.execute(differing).fetchall() == [(0,)]
    assert files.execute(compared).fetchall()[0][0] == 6 * 607
    share = """
        SELECT min(listed / total_cap_usd), max(listed / total_cap_usd), max(abs(bitcoin / total_cap_usd * 100
            - btc_dominance_pct)) FROM total_cap JOIN (SELECT date, sum(market_cap_usd) AS listed,
            sum(market_cap_usd) FILTER (coin_id = 'bitcoin') AS bitcoin FROM coin_caps GROUP BY date) USING (date)"""
    lowest, highest, dominance = files.execute(share).fetchall()[0]
    assert 0.98 < lowest <= highest < 1
    assert dominance < 1e-4
    daily = """
        SELECT count(*) FROM (SELECT symbol, open_time::DATE AS day, max(high) AS high, min(low) AS low,
            max_by(close, open_time) AS close FROM crypto_bars WHERE "interval" = '1h' GROUP BY ALL) AS h
        JOIN crypto_bars AS d ON d."interval" = '1d' AND d.symbol = h.symbol AND d.open_time::DATE = day
        WHERE (d.high, d.low, d.close) <> (h.high, h.low, h.close)"""
    assert files.execute(daily).fetchall() == [(0,)]
    for name in ("equity_bars", "crypto_bars"):
        wrong = f"SELECT count(*) FROM {name} WHERE NOT (low <= least(open, close) AND greatest(open, close) <= high)"
        assert files.execute(wrong).fetchall() == [(0,)]


def test_a_migrated_coin_is_never_there_twice(files: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT max(date), min(date) FROM coin_caps WHERE coin_id = '{}'"
    old, new = (files.execute(sql.format(f"{name}")).fetchall()[0] for name in
                ("matic-network", "polygon-ecosystem-token"))  # fmt: skip
    assert (old[0], new[1]) == (date(2024, 9, 3), date(2024, 9, 4))


def test_others_goes_through_the_planted_cycles(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    """Ranks 11 to 125 of every day, over the price of Bitcoin: no day passes a planted turn, the gain is exact."""
    files.execute("CREATE OR REPLACE TEMP TABLE excluded AS SELECT unnest($x) AS coin_id",
                  {"x": [coin.coin_id for coin in reference.coins() if coin.asset_class != "coin"]})  # fmt: skip
    sql = """
        SELECT date, sum(market_cap_usd) FILTER (place BETWEEN 11 AND 125)
            / max(price_usd) FILTER (coin_id = 'bitcoin') AS ratio
        FROM (SELECT *, row_number() OVER (PARTITION BY date ORDER BY market_cap_usd DESC) AS place
            FROM coin_caps WHERE coin_id NOT IN (FROM excluded)) GROUP BY date ORDER BY date"""
    days, ratio = columns(files, sql)
    at = {str(day)[:10]: position for position, day in enumerate(days)}
    (cycle,) = truth["others_btc"]["cycles"]
    trough, peak = at[cycle["trough"]], at[cycle["peak"]]
    assert ratio[peak] / ratio[trough] - 1 == pytest.approx(cycle["gain"], rel=1e-6)
    assert trough == np.argmin(ratio[: peak + 1])
    assert peak == trough + np.argmax(ratio[trough:])
    assert ratio[-1] / ratio[trough] == pytest.approx(1.0, abs=0.1), "back at the support"


def test_many_of_the_smallest_coins_fell_and_stay_down(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    planted = truth["fallen"]["drawdown"]
    sql = """
        SELECT coin_id, 1 - arg_max(price_usd, date) / max(price_usd) AS drawdown, arg_max(date, price_usd) AS peak
        FROM coin_caps WHERE date <= DATE '{}' GROUP BY coin_id"""
    for day in ("2026-01-16", "2026-01-30"):
        found = {row[0]: row[1:] for row in files.execute(sql.format(day)).fetchall()}
        for coin_id, drawdown in planted.items():
            assert found[coin_id][0] == pytest.approx(drawdown, abs=0.01)
            assert str(found[coin_id][1]) == truth["fallen"]["peak"]
        between = np.mean([0.8 <= drawdown <= 0.9 for drawdown, _ in found.values()])
        assert between > 0.25


def test_long_bias_rises_as_caps_fall(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    coins = {p.symbol: p.coin_id for p in reference.perpetuals()}
    files.execute("CREATE OR REPLACE TEMP TABLE contracts AS SELECT unnest($s) AS symbol, unnest($c) AS coin_id",
                  {"s": list(coins), "c": list(coins.values())})  # fmt: skip
    sql = """
        SELECT regr_slope(ratio_log, ln(market_cap_usd)), count(DISTINCT symbol), count(DISTINCT tier)
        FROM (SELECT symbol, (ts - INTERVAL 5 MINUTE)::DATE AS date, avg(ln(ratio)) AS ratio_log
            FROM derivatives_ratios WHERE ratio_kind = '{}' GROUP BY ALL)
        JOIN contracts USING (symbol)
        JOIN (SELECT *, CASE WHEN "rank" <= 10 THEN 1 WHEN "rank" <= 50 THEN 2 WHEN "rank" <= 150 THEN 3
            WHEN "rank" <= 300 THEN 4 ELSE 5 END AS tier FROM coin_caps) USING (coin_id, date)
        WHERE date = DATE '2026-01-16'"""
    for kind, planted in truth["long_bias"]["kinds"].items():
        slope, symbols, tiers = files.execute(sql.format(kind)).fetchall()[0]
        assert (symbols, tiers) == (SMALL.perpetuals, 5)
        assert slope == pytest.approx(planted["slope"], abs=0.025)


def test_netflow_states_come_back(files: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    tokens = {t.symbol: t for t in reference.tokens()}
    files.execute("CREATE OR REPLACE TEMP TABLE wallets AS SELECT unnest($w) AS address", {"w": reference.wallets()})
    sql = """
        WITH legs AS (
            SELECT block_time::DATE AS date, value_raw::DOUBLE * 10.0 ** -$decimals
                * ((to_address IN (FROM wallets))::INT - (from_address IN (FROM wallets))::INT) AS net
            FROM token_transfers WHERE contract = $contract
        )
        SELECT date, sum(net) / any_value(circulating_supply) * 10000 AS bp
        FROM legs JOIN coin_caps USING (date) WHERE coin_id = $coin GROUP BY date ORDER BY date"""
    assert {"ENJ", "FET", "LINK", "AXS", "JASMY", "MATIC", "POL"} < set(truth["netflow"]["states"])
    right = total = 0
    for symbol, spans in truth["netflow"]["states"].items():
        if spans[0]["state"] == "UNKNOWN":
            continue
        token = tokens[symbol]
        values = {"decimals": token.decimals, "contract": token.contract, "coin": token.coin_id}
        found = files.execute(sql, values).fetchnumpy()
        days = [str(day)[:10] for day in found["date"]]
        assert len(days) == SMALL.transfer_days
        got = dict(zip(days, states(found["bp"], ema(robust_z(found["bp"])), [""] * len(days)), strict=True))
        for span in spans:
            inside = [got[day] for day in days if span["from"] <= day <= span["to"]]
            right += inside.count(span["state"])
            total += len(inside)
        assert {got["2026-01-16"], got["2026-01-17"]} == {spans[-1]["state"]}
    assert right / total >= 0.95
    sixteenth = {symbol: spans[-1]["state"] for symbol, spans in truth["netflow"]["states"].items()}
    assert [symbol for symbol, state in sixteenth.items() if state == "ACCUMULATION"] == ["ENJ", "FET", "LINK"]
    assert [symbol for symbol, state in sixteenth.items() if state == "DISTRIBUTION"] == ["AXS", "JASMY"]


def test_transfers_sit_on_a_chain(files: duckdb.DuckDBPyConnection) -> None:
    sql = """
        SELECT count(*), count(DISTINCT (tx_hash, log_index)), count(DISTINCT (block_number, log_index)),
            bool_and(epoch(block_time) % 12 = 0), max(length(value_raw)),
            (SELECT min(block_number) FROM token_transfers WHERE block_time >= '2026-01-01') FROM token_transfers"""
    rows, keys, places, on_grid, digits, block = files.execute(sql).fetchall()[0]
    assert rows == keys == places
    assert on_grid
    assert digits > 19
    assert abs(block - 24_136_000) < 100
    backwards = """
        SELECT count(*) FROM (SELECT block_number - lag(block_number) OVER w AS blocks,
            (epoch(block_time) - lag(epoch(block_time)) OVER w) / 12 AS slots FROM token_transfers
            WINDOW w AS (ORDER BY block_number, log_index)) WHERE blocks > slots OR (blocks = 0) <> (slots = 0)"""
    assert files.execute(backwards).fetchall() == [(0,)]
    inside = "SELECT count(*) FROM token_transfers WHERE (from_address IN $w) AND (to_address IN $w)"
    outside = "SELECT count(*) FROM token_transfers WHERE NOT (from_address IN $w) AND NOT (to_address IN $w)"
    for sql in (inside, outside):
        assert files.execute(sql, {"w": reference.wallets()}).fetchall()[0][0] > 50


def test_null_market_has_no_effect(tmp_path: Path) -> None:
    size = replace(TINY, first_day=date(2024, 6, 3), perpetuals=76)
    generate(tmp_path, seed=5, size=size, null=True)
    files = duckdb.connect()
    files.execute("SET TimeZone = 'UTC'")
    rut, total = columns(
        files,
        f"SELECT close, total_cap_usd FROM '{tmp_path}/equity_bars.parquet' JOIN '{tmp_path}/total_cap.parquet'"
        " ON date = session_date WHERE symbol = '^RUT' ORDER BY date",
    )
    returns = np.diff(np.log(rut)), np.diff(np.log(total))
    assert abs(np.arctanh(np.corrcoef(*returns)[0, 1])) < SURELY / np.sqrt(len(rut) - 4)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert (truth["others_btc"]["cycles"], truth["fallen"]["drawdown"]) == ([], {})
    medians = files.execute(
        f"SELECT median(ratio) FROM '{tmp_path}/derivatives_ratios.parquet' GROUP BY ratio_kind"
    ).fetchall()
    assert all(abs(median - 1) < 0.1 for (median,) in medians)
