"""The netflow of tokens to the tables of their states, and of how much these hang on the thresholds.

Belongs here: from a table of scaled flows to the tables of the marts. The arithmetic is in netflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.frames import null_for_nan
from analytics.netflow import Floats, State, Thresholds, changed_labels, judge_by_method, states_under

STATES = pa.schema(
    [
        ("date", pa.date32()),
        ("exchange", pa.string()),
        ("symbol", pa.string()),
        ("coin_id", pa.string()),
        ("contract", pa.string()),
        ("netflow_native", pa.float64()),
        ("netflow_bp_supply", pa.float64()),
        ("z_score", pa.float64()),
        ("ema7_z", pa.float64()),
        ("sum14_bp", pa.float64()),
        ("state", pa.string()),
        ("state_reason", pa.string()),
        ("days_in_state", pa.int64()),
        ("coverage", pa.float64()),
        ("params_hash", pa.string()),
    ]
)
SENSITIVITY = pa.schema(
    [
        ("exchange", pa.string()),
        ("symbol", pa.string()),
        ("enter_z", pa.float64()),
        ("same_sign_days", pa.int64()),
        ("min_sum_bp", pa.float64()),
        ("is_main_rule", pa.bool_()),
        ("as_of_date", pa.date32()),
        ("state", pa.string()),
        ("days_judged", pa.int64()),
        ("days_accumulation", pa.int64()),
        ("days_distribution", pa.int64()),
        ("share_as_main_rule", pa.float64()),
        ("params_hash", pa.string()),
    ]
)
_IDENTITY = ("exchange", "symbol", "coin_id", "contract")


class Token(NamedTuple):
    """One token at one exchange, a value for every calendar day from its first to its last."""

    identity: Mapping[str, Any]
    days: pd.DatetimeIndex
    netflow: Floats
    supply: Floats
    blocked: list[str]
    method: list[str]


def states_table(flows: pd.DataFrame, rule: Thresholds, params_hash: str) -> pa.Table:
    """The state of every token and day; `flows` are the rows of int_netflow_scaled."""
    tables = [_states(token, rule, params_hash) for token in _tokens(flows, rule)]
    return null_for_nan(pa.concat_tables(tables)) if tables else STATES.empty_table()


def sensitivity_table(
    flows: pd.DataFrame, rule: Thresholds, grid: Mapping[str, Sequence[Any]], params_hash: str
) -> pa.Table:
    """Every token under every combination of the thresholds in `grid`, beside the main rule.

    `grid` names fields of `Thresholds` and the values each of them takes. Raises ValueError when the main rule is not
    one of the combinations.
    """
    rules = [replace(rule, **dict(zip(grid, values, strict=True))) for values in product(*grid.values())]
    if rule not in rules:
        raise ValueError("the grid of thresholds does not hold the main rule")
    rows = [row for token in _tokens(flows, rule) for row in _sensitivity(token, rules, rules.index(rule))]
    return null_for_nan(pa.Table.from_pylist([{**row, "params_hash": params_hash} for row in rows], SENSITIVITY))


def _tokens(flows: pd.DataFrame, rule: Thresholds) -> Iterator[Token]:
    for _, rows in flows.groupby(["exchange", "symbol"], sort=True):
        first = rows.iloc[0]
        calendar = pd.date_range(first["date"], rows["date"].iloc[-1], name="date")
        days = rows.set_index("date").reindex(calendar)
        labels = [None if pd.isna(label) else label for label in days["wallet_set"]]
        relabelled = np.where(changed_labels(labels, rule.z_window), "labels changed", "")
        blocked = days["blocked"].fillna("").to_numpy(dtype=object)
        yield Token(
            {name: None if pd.isna(first[name]) else first[name] for name in _IDENTITY},
            calendar,
            days["netflow"].to_numpy(dtype=float),
            days["circulating_supply"].to_numpy(dtype=float),
            [reason or change for reason, change in zip(blocked, relabelled, strict=True)],
            # The indexer reads the node's chain with the same labels; what somebody reports is measured otherwise.
            days["provider"].replace({"blockscout": "ethereum"}).ffill().tolist(),
        )


def _states(token: Token, rule: Thresholds, params_hash: str) -> pa.Table:
    found = judge_by_method(token.netflow, token.supply, token.blocked, token.method, rule)
    columns = {
        "date": token.days.date,
        **{name: [value] * len(token.days) for name, value in token.identity.items()},
        "netflow_native": token.netflow,
        "netflow_bp_supply": found.netflow_bp,
        "z_score": found.z_score,
        "ema7_z": found.ema_z,
        "sum14_bp": found.sum_bp,
        "state": found.state,
        "state_reason": found.reason,
        "days_in_state": found.days_in_state,
        "coverage": found.coverage,
        "params_hash": [params_hash] * len(token.days),
    }
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in STATES}, STATES)


def _sensitivity(token: Token, rules: Sequence[Thresholds], main: int) -> Iterator[dict[str, Any]]:
    found = states_under(token.netflow, token.supply, token.blocked, token.method, rules)
    for number, (rule, told) in enumerate(zip(rules, found, strict=True)):
        judged = [(one, other) for one, other in zip(told, found[main], strict=True) if one != "UNKNOWN"]
        yield {
            "exchange": token.identity["exchange"],
            "symbol": token.identity["symbol"],
            "enter_z": rule.enter_z,
            "same_sign_days": rule.same_sign_days,
            "min_sum_bp": rule.min_sum_bp,
            "is_main_rule": number == main,
            "as_of_date": token.days[-1].date(),
            "state": told[-1],
            "days_judged": len(judged),
            "days_accumulation": _count(told, "ACCUMULATION"),
            "days_distribution": _count(told, "DISTRIBUTION"),
            "share_as_main_rule": sum(one == other for one, other in judged) / len(judged) if judged else None,
        }


def _count(states: Sequence[State], wanted: State) -> int:
    return sum(state == wanted for state in states)
