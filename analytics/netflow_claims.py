"""What the data say about C8: do six tokens flow out of Binance or into it, as is claimed of each?

Belongs here: the rules from states to verdicts and the sentences that explain them. The states are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics.claims import Finding, Verdict, family

CLAIMED_STATES = {
    "ENJ": "ACCUMULATION",
    "FET": "ACCUMULATION",
    "LINK": "ACCUMULATION",
    "AXS": "DISTRIBUTION",
    "MATIC": "DISTRIBUTION",
    "JASMY": "DISTRIBUTION",
}
_FLOW_OF = "sum14_bp:"


def states_as_claimed(states: pd.DataFrame, night: date) -> list[Finding]:
    """C8 from the rows of int_netflow_states of Binance up to the night: each token, then all of them."""
    tokens = [_claimed_state(states[states["symbol"] == symbol], symbol, night) for symbol in CLAIMED_STATES]
    return family([*tokens, _together(tokens)], lambda finding, _: finding)


def _claimed_state(days: pd.DataFrame, symbol: str, night: date) -> Finding:
    """The state of one token on the night against the claimed one."""
    metric, claimed = f"{_FLOW_OF}{symbol}", CLAIMED_STATES[symbol]
    today = days[days["date"].dt.date == night]
    if today.empty:
        last = f", the last is of {days['date'].max():%Y-%m-%d}" if len(days) else ""
        return Finding("C8", metric, "not_testable", f"no data: no transfers collected for {night}{last}")
    row = today.iloc[0]
    state, why = row["state"], row["state_reason"]
    if state == "UNKNOWN":
        # What a migration moves is neither bought nor sold: a flow in the claimed direction would be an artefact of it.
        verdict: Verdict = "artefact" if why == "migration" else "not_testable"
        reason = f"UNKNOWN({why})"
    else:
        verdict = "supported" if state == claimed else "inconclusive" if state == "NEUTRAL" else "not_supported"
        reason = f"{state} for {int(row['days_in_state'])} days, claimed {claimed}: {why}"
    method = "14-day netflow in bp of supply; verdict by the state with hysteresis, no test"
    value, n = float(row["sum14_bp"]), round(row["coverage"] * 14)
    return Finding("C8", metric, verdict, reason, method, value, null_value=0.0, n=n)


def _together(tokens: Sequence[Finding]) -> Finding:
    """How many of the tokens are in the state that is claimed for each."""
    metric = "share_of_tokens_as_claimed"
    verdicts = [token.verdict for token in tokens]
    others = [f"{t.metric.removeprefix(_FLOW_OF)}: {t.reason}" for t in tokens if t.verdict != "supported"]
    if set(verdicts) <= {"not_testable", "artefact"}:  # no token has a state
        alike = {token.reason for token in tokens}
        return Finding("C8", metric, "not_testable", alike.pop() if len(alike) == 1 else "; ".join(others))
    supported = verdicts.count("supported")
    return Finding(
        "C8",
        metric,
        "supported" if supported == len(tokens) else "not_supported" if "not_supported" in verdicts else "inconclusive",
        "; ".join([f"{supported} of {len(tokens)} tokens are in the claimed state", *others]),
        "tokens whose state of the night is the claimed one; no test",
        supported / len(tokens),
        n=len(tokens),
    )
