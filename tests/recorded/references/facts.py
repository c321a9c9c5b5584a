"""Highs, streaks and drawdowns: pandas on prices, and chances counted by recursion."""

from __future__ import annotations

from functools import cache
from math import comb

import numpy as np
import pandas as pd

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, NIGHT, levels, returns


def check_breakout(place: Place) -> None:
    """Every field of every session of the Russell 2000."""
    ours = place.published(f"""
        select * from marts.equity_breakout where symbol = '^RUT' and session_date <= date '{NIGHT:%Y-%m-%d}'
        order by session_date""").set_index("session_date")
    close = np.exp(levels(place)["^RUT"].dropna())
    assert ours.index.equals(close.index)
    prior = close.cummax().shift()
    is_high = (close > prior).to_numpy()
    counted = np.arange(len(close))
    # The first close is the first high, though nobody knows whether it was one.
    last = pd.Series(np.where(is_high | (counted == 0), counted, np.nan)).ffill()
    since = counted - last.to_numpy()
    fresh = is_high & (counted - last.shift().to_numpy() >= 60)
    year_end = close.groupby(close.index.year).last().shift().reindex(close.index.year).to_numpy()
    np.testing.assert_allclose(ours["prior_ath"], prior, rtol=EXACT)
    np.testing.assert_allclose(ours["ytd_return"], close / year_end - 1, rtol=EXACT, atol=EXACT)
    np.testing.assert_allclose(ours["drawdown"], 1 - close / close.cummax(), rtol=EXACT, atol=EXACT)
    assert ours["is_ath"].tolist() == is_high.tolist()
    assert ours["is_fresh_ath"].tolist() == fresh.tolist()
    assert ours["sessions_since_ath"].tolist() == since.tolist()


def check_streaks(place: Place) -> None:
    """Lengths by walking, ranks and dates by looking back, on every session."""
    excess = (returns(place)["^RUT"] - returns(place)["^GSPC"]).dropna()
    ours = place.published("select * from marts.equity_streaks").set_index("session_date").loc[excess.index]
    np.testing.assert_allclose(ours["excess_return"], excess, rtol=EXACT, atol=EXACT)
    length, ended = 0, []  # runs that are over: (last session, length)
    for (day, value), before in zip(excess.items(), [None, *excess.index[:-1]], strict=True):
        if value <= 0 and length:
            ended.append((before, length))
        length = length + 1 if value > 0 else 0
        row = ours.loc[day]
        assert row["streak_length"] == length
        if length:
            assert row["streak_rank"] == 1 + sum(other > length for _, other in ended), day
            longer = [last for last, other in ended if other >= length]
            assert (
                row["last_longer_or_equal_date"] == longer[-1] if longer else pd.isna(row["last_longer_or_equal_date"])
            )


def check_streak_p_value(place: Place) -> None:
    """The chance of the run when the year's wins are shuffled, by counting arrangements one toss at a time."""
    excess = (returns(place)["^RUT"] - returns(place)["^GSPC"]).dropna()
    ours = place.published("select * from marts.equity_streaks where p_value is not null").set_index("session_date")
    days = [day for day in ours.index if day <= NIGHT and (day == NIGHT or ours.loc[day, "streak_length"] >= 7)]
    assert len(days) > 3
    for day in days:
        year = excess.loc[:day].iloc[-252:]
        wins, length = int((year > 0).sum()), int(ours.loc[day, "streak_length"])
        below = _arrangements(len(year) - wins, wins, length)
        assert abs(ours.loc[day, "p_value"] - (1 - below / comb(len(year), wins))) < EXACT, day
        assert abs(ours.loc[day, "fair_coin_p"] - _fair_coin(len(year), length)) < EXACT, day
    told = place.published(f"""
        select value, p_value, null_value from marts.claims
        where claim_id = 'C2' and evaluation_date = date '{NIGHT:%Y-%m-%d}'""").iloc[0]
    at = ours.loc[NIGHT]
    losses, wins = int(at["sessions"] - at["wins"]), int(at["wins"])
    longer = [1 - _share_below(losses, wins, length) for length in range(1, wins + 1)]
    expected = [at["streak_length"], at["p_value"], sum(longer)]
    np.testing.assert_allclose(told.astype(float), expected, rtol=EXACT, atol=EXACT)


def _arrangements(losses: int, wins: int, length: int) -> int:
    """Orders of losses and wins without `length` wins in a row."""

    @cache
    def count(losses_left: int, wins_left: int) -> int:
        """After a loss or at the start: the next run of wins, then a loss, or the end."""
        if losses_left == 0:
            return int(wins_left < length)
        return sum(count(losses_left - 1, wins_left - run) for run in range(min(length - 1, wins_left) + 1))

    return count(losses, wins)


def _share_below(losses: int, wins: int, length: int) -> float:
    """The same, as a share of all orders: wins go into the gaps between losses, fewer than `length` into each."""
    ways = np.ones(1)
    for _ in range(losses + 1):
        ways = np.convolve(ways, np.ones(min(length, wins + 1)))[: wins + 1]
    return float(ways[wins] / comb(losses + wins, wins)) if len(ways) > wins else 0.0


def _fair_coin(tosses: int, length: int) -> float:
    """One toss at a time: the chance of each current run, and of having had one of `length`."""
    current = np.zeros(length + 1)
    current[0] = 1
    for _ in range(tosses):
        moved = np.zeros(length + 1)
        moved[0], moved[1:length], moved[length] = (
            current[:length].sum() / 2,
            current[: length - 1] / 2,
            current[length],
        )
        moved[length] += current[length - 1] / 2
        current = moved
    return float(current[length])


def check_drawdowns(place: Place) -> None:
    """The newest day with caps: each coin's fall from its peak, and what numpy makes of all altcoins."""
    caps = place.warehouse("""
        select date, coin_id, price_usd from intermediate.int_coin_caps
        where asset_class = 'coin' and price_usd > 0 order by date""")
    ours = place.warehouse("select * from intermediate.int_coin_drawdowns where date = (select max(date) "
                           "from intermediate.int_coin_caps)").set_index("coin_id")  # fmt: skip
    day = caps["date"].max()
    # A coin that was renamed, or has a price at the exchange beside its cap, has more history than its caps.
    moved = place.warehouse("select from_coin_id as old, to_coin_id as new from seeds.migrations")
    richer = {*moved["old"], *moved["new"], "bitcoin"}
    prices = {coin: rows.set_index("date")["price_usd"] for coin, rows in caps.groupby("coin_id")}
    plain = [coin for coin in prices if coin not in richer]
    assert len(plain) > 150
    falls = np.array([1 - prices[coin].iloc[-1] / prices[coin].max() for coin in plain])
    np.testing.assert_allclose(ours.loc[plain, "drawdown"], falls, rtol=EXACT, atol=EXACT)
    alive = [(day - prices[coin].index[-1]).days <= 30 for coin in plain]
    assert [state == "listed" for state in ours.loc[plain, "state"]] == alive
    mine = ours[(ours.index != "bitcoin") & ours["state"].isin(["listed", "dead"]) & (ours["history_days"] >= 180)]
    row = place.published(f"""
        select * from marts.drawdowns where cap_tier = 'all' and universe = 'with_dead'
        and date = date '{day:%Y-%m-%d}'""").iloc[0]
    drawdown = mine["drawdown"].to_numpy()
    expected = {f"drawdown_p{q}": np.quantile(drawdown, q / 100) for q in (10, 25, 50, 75, 90)} | {
        "n": len(drawdown),
        "n_dead": int((mine["state"] == "dead").sum()),
        "share_80_to_90": float(((drawdown >= 0.8) & (drawdown <= 0.9)).mean()),
        "share_above_80": float((drawdown > 0.8).mean()),
    }
    np.testing.assert_allclose(row[list(expected)].astype(float), list(expected.values()), rtol=EXACT, atol=EXACT)
