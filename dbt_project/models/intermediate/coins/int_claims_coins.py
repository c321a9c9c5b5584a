"""What the night's data say about C5, C6 and C8: one row per claim and measure, measures never blended.

p-values are one-sided in the direction of the claim and adjusted by Holm inside the claim's family.
"""

import hashlib
import json
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from analytics.frames import null_for_nan
from analytics.long_bias import share_above
from analytics.trend_tests import holm, newey_west_mean

KINDS = ("global_account", "top_account", "top_position", "taker_volume")
CLAIMED_STATES = {
    "ENJ": "ACCUMULATION",
    "FET": "ACCUMULATION",
    "LINK": "ACCUMULATION",
    "AXS": "DISTRIBUTION",
    "MATIC": "DISTRIBUTION",
    "JASMY": "DISTRIBUTION",
}
STATEMENTS = {
    "C5": "most altcoins have a long/short ratio above 1",
    "C6": "the smaller the cap, the larger the long bias; this often precedes volatility",
    "C8": "ENJ, FET and LINK flow out of Binance (accumulation); AXS, MATIC and JASMY flow in (distribution)",
}
SCHEMA = pa.schema(
    [
        ("claim_id", pa.string()),
        ("evaluation_date", pa.date32()),
        ("statement", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("p_value", pa.float64()),
        ("null_value", pa.float64()),
        ("n", pa.int64()),
        ("n_eff", pa.float64()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("as_of", pa.timestamp("us", tz="UTC")),
        ("method", pa.string()),
        ("params_hash", pa.string()),
        ("family_tests", pa.int32()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    rule = json.loads(params)
    coins = dbt.ref("int_coin_long_bias").filter(f"date <= date '{night}'")
    trends = dbt.ref("int_long_bias_trend").filter(f"date <= date '{night}'").order("date").df()
    states = dbt.ref("int_netflow_states").filter(f"date <= date '{night}' and exchange = 'binance'").df()
    today = coins.filter(f"date = date '{night}'").order("ratio_kind, coin_id").df()
    last = coins.aggregate("max(date)").fetchall()[0][0]
    missing = f"no data: no ratio with a cap for {night}" + (f", the last is of {last}" if last else "")
    forward = dbt.ref("int_bias_forward").filter(f"date <= date '{night}'").order("date").df()
    crowds = dbt.ref("int_coin_bias").filter(f"date = date '{night}' and coin_id <> 'bitcoin'").df()
    tokens = [claimed_state(states, symbol, night) for symbol in CLAIMED_STATES]
    families = {
        "C5": [
            *(most_above_1(today[today["ratio_kind"] == kind], kind, missing) for kind in KINDS),
            crowded_retail(crowds, missing),
        ],
        "C6": [*bias_by_cap(trends, night, missing, rule), *precedes(forward, rule)],
        "C8": [*tokens, as_claimed(tokens)],
    }
    common = {
        "evaluation_date": night,
        "as_of": datetime.fromisoformat(dbt.config.get("as_of")),
        "params_hash": hashlib.md5(params.encode(), usedforsecurity=False).hexdigest(),
    }
    rows = [
        {**row, **common, "claim_id": claim, "statement": STATEMENTS[claim]}
        for claim, family in families.items()
        for row in judged(family, rule["alpha"])
    ]
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def judged(family, alpha):
    """The rows with Holm's p, the size of the family, and a verdict where the row has none yet."""
    adjusted = holm([row.get("p_value", np.nan) for row in family])
    tests = sum("p_value" in row for row in family)
    for row, p in zip(family, adjusted, strict=True):
        if "verdict" not in row:
            if sign := row.pop("claimed_sign", None):  # two-sided: the p does not know the direction
                with_claim, against = p < alpha and row["value"] * sign > 0, p < alpha and row["value"] * sign < 0
            else:
                with_claim, against = p < alpha, row["p_value"] > 1 - alpha / 2
            row["verdict"] = "supported" if with_claim else "not_supported" if against else "inconclusive"
            row["p_value"] = p
        row["family_tests"] = tests
    return family


def not_testable(metric, reason):
    return {"metric": metric, "verdict": "not_testable", "reason": reason, "method": "none"}


def most_above_1(today, kind, missing):
    """C5 for one ratio kind: the share of altcoins above 1 against a fair coin."""
    metric = f"share_above_1:{kind}"
    ratios = today[today["coin_id"] != "bitcoin"]["ratio"]
    if ratios.empty:
        return not_testable(metric, missing)
    above, n = int((ratios > 1).sum()), len(ratios)
    found = share_above(above, n)
    return {
        "metric": metric,
        "value": found.share,
        "ci_low": found.low,
        "ci_high": found.high,
        "p_value": found.p_value,
        "null_value": 0.5,
        "n": n,
        "method": "share of altcoins (without BTC), Wilson interval, exact binomial test",
        "reason": f"{above} of {n} altcoins have a {kind} ratio above 1, median {ratios.median():.2f}; coins move "
        "together, so the interval is narrower than the truth",
    }


def bias_by_cap(trends, night, missing, rule):
    """C6: the night's rank correlation and ordered-tiers test, and the mean of the daily slopes, per ratio kind."""
    rows = []
    for kind in KINDS:
        history = trends[trends["ratio_kind"] == kind]
        tonight = history[(history["date"].dt.date == night) & history["spearman_rho"].notna()]
        rows += [tonight_rho(tonight, kind, missing), tonight_tiers(tonight, kind, missing)]
        rows.append(mean_slope(history["theil_sen_slope"].dropna().to_numpy(), kind, rule))
    return rows


def precedes(forward, rule):
    """C6: do volatility and losses of longs rise with the long bias of the days before? Two-sided, per horizon."""
    rows = []
    for outcome, claimed_sign in (("volatility", 1), ("return", -1)):
        for horizon in rule["forward_days"]:
            days = forward[(forward["outcome"] == outcome) & (forward["horizon_days"] == horizon)]
            rows.append(forward_slope(days, outcome, claimed_sign, horizon, rule))
    return rows


def forward_slope(days, outcome, claimed_sign, horizon, rule):
    metric, days = f"forward_{outcome}_{horizon}d", days.dropna(subset=["slope"])
    if len(days) < rule["min_forward_days"]:
        return not_testable(metric, f"no data: {len(days)} of at least {rule['min_forward_days']} days with an outcome")
    # Outcomes of neighbouring days share all but one of their days.
    lags = max(rule["newey_west_lags"], horizon)
    found, base = newey_west_mean(days["slope"].to_numpy(), lags), days["base"].mean()
    return {
        "metric": metric,
        "value": found.mean,
        "ci_low": found.low,
        "ci_high": found.high,
        "p_value": found.p_value,
        "null_value": 0.0,
        "n": found.n,
        "n_eff": found.n_eff,
        "claimed_sign": claimed_sign,
        "method": "mean daily slope across coins on the robust z of the account ratio, prewhitened Newey-West with "
        f"{lags} lags, fixed-b law, two-sided",
        "reason": f"with one unit of z more the {outcome} of the {horizon} days after it is {found.mean:+.2%}, in the "
        f"mean of all coins {base:.2%}; {found.n} days, worth {found.n_eff:.0f} independent ones",
    }


def crowded_retail(crowds, missing):
    """C5: the share of altcoins whose accounts are as long as seldom while the positions of top traders are not."""
    metric = "crowded_retail_share"
    judged = crowds[crowds["is_crowded_retail"].notna()]
    if judged.empty:
        return not_testable(metric, crowds["reason"].iloc[0] if len(crowds) else missing)
    share = float(judged["is_crowded_retail"].astype(bool).mean())
    return {
        "metric": metric,
        "value": share,
        "n": len(judged),
        "verdict": "inconclusive",
        "method": "accounts in the top decile of their own year, positions at or below 1; no test",
        "reason": f"{share:.0%} of {len(judged)} altcoins are crowded by retail: it describes who is long, the claim "
        "names no share",
    }


def tonight_rho(tonight, kind, missing):
    metric = f"spearman_rho:{kind}"
    if tonight.empty:
        return not_testable(metric, missing)
    rho, p, n = tonight["spearman_rho"].iloc[0], tonight["spearman_p"].iloc[0], int(tonight["n"].iloc[0])
    half = 1.96 * np.sqrt((1 + rho**2 / 2) / (n - 3))
    centre = np.arctanh(np.clip(rho, -0.999999, 0.999999))
    return {
        "metric": metric,
        "value": rho,
        "ci_low": np.tanh(centre - half),
        "ci_high": np.tanh(centre + half),
        "p_value": p / 2 if rho < 0 else 1 - p / 2,
        "null_value": 0.0,
        "n": n,
        "method": "Spearman of ln ratio and ln cap over coins, interval of Bonett and Wright",
        "reason": f"over {n} coins the {kind} ratio {'rises' if rho < 0 else 'falls'} as caps fall ({rho:+.2f}); "
        f"without a trend a value as far from 0 has probability {p:.2g}",
    }


def tonight_tiers(tonight, kind, missing):
    metric = f"jonckheere:{kind}"
    if tonight.empty or np.isnan(tonight["jt_p_value"].iloc[0]):
        return not_testable(metric, missing if tonight.empty else "all coins are in one tier")
    share = tonight["jt_statistic"].iloc[0] / (2 * tonight["jt_expected"].iloc[0])
    return {
        "metric": metric,
        "value": share,
        "p_value": tonight["jt_p_value"].iloc[0],
        "null_value": 0.5,
        "n": int(tonight["n"].iloc[0]),
        "method": "share of pairs of different tiers in the claimed order, Jonckheere-Terpstra by permutation",
        "reason": f"in {share:.0%} of pairs from different tiers the smaller coin has the larger {kind} ratio",
    }


def mean_slope(slopes, kind, rule):
    metric = f"fama_macbeth_slope:{kind}"
    if len(slopes) < rule["min_days"]:
        return not_testable(metric, f"{len(slopes)} of at least {rule['min_days']} days with a slope")
    found = newey_west_mean(slopes, rule["newey_west_lags"])
    return {
        "metric": metric,
        "value": found.mean,
        "ci_low": found.low,
        "ci_high": found.high,
        "p_value": found.p_value / 2 if found.mean < 0 else 1 - found.p_value / 2,
        "null_value": 0.0,
        "n": found.n,
        "n_eff": found.n_eff,
        "method": "mean daily Theil-Sen slope of ln ratio on ln cap, prewhitened Newey-West with "
        f"{rule['newey_west_lags']} lags, fixed-b law",
        "reason": f"mean slope {found.mean:+.3f} over {found.n} days, worth {found.n_eff:.0f} independent ones; it is "
        "about these coins, which are the same every day, not about other coins",
    }


def claimed_state(states, symbol, night):
    """C8 for one token: the state of the night against the claimed one."""
    metric, claimed = f"sum14_bp:{symbol}", CLAIMED_STATES[symbol]
    days = states[states["symbol"] == symbol]
    today = days[days["date"].dt.date == night]
    if today.empty:
        last = f", the last is of {days['date'].max():%Y-%m-%d}" if len(days) else ""
        return not_testable(metric, f"no data: no transfers collected for {night}{last}")
    row = today.iloc[0]
    found = {
        "metric": metric,
        "value": row["sum14_bp"],
        "null_value": 0.0,
        "n": round(row["coverage"] * 14),
        "method": "14-day netflow in bp of supply; verdict by the state with hysteresis, no test",
    }
    if row["state"] == "UNKNOWN":
        # What a migration moves is neither bought nor sold: a flow in the claimed direction would be an artefact of it.
        verdict = "artefact" if row["state_reason"] == "migration" else "not_testable"
        return {**found, "verdict": verdict, "reason": f"UNKNOWN({row['state_reason']})"}
    verdict = (
        "supported" if row["state"] == claimed else "inconclusive" if row["state"] == "NEUTRAL" else "not_supported"
    )
    days_held = f"{row['state']} for {int(row['days_in_state'])} days, claimed {claimed}"
    return {**found, "verdict": verdict, "reason": f"{days_held}: {row['state_reason']}"}


def as_claimed(tokens):
    """C8 as a whole: how many of the tokens are in the state that is claimed for each."""
    told = [(row["metric"].split(":")[1], row["verdict"], row["reason"]) for row in tokens]
    supported = sum(verdict == "supported" for _, verdict, _ in told)
    if all(verdict == "not_testable" for _, verdict, _ in told):
        return not_testable("share_of_tokens_as_claimed", told[0][2])
    against = any(verdict == "not_supported" for _, verdict, _ in told)
    others = "; ".join(f"{symbol}: {reason}" for symbol, verdict, reason in told if verdict != "supported")
    return {
        "metric": "share_of_tokens_as_claimed",
        "value": supported / len(told),
        "n": len(told),
        "verdict": "supported" if supported == len(told) else "not_supported" if against else "inconclusive",
        "method": "tokens whose state of the night is the claimed one; no test",
        "reason": f"{supported} of {len(told)} tokens are in the claimed state" + (f"; {others}" if others else ""),
    }
