"""C8: each verdict from states a person can check."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analytics.claims import Finding
from analytics.netflow_claims import CLAIMED_STATES, states_as_claimed

NIGHT = date(2026, 1, 16)


def judged(**states: Any) -> dict[str, Finding]:
    """The findings by token, `all` for the claim; a token not named is in the claimed state."""
    rows = []
    for symbol, claimed in CLAIMED_STATES.items():
        state, *why = states.get(symbol, (claimed,))
        if state is not None:
            rows.append(
                {
                    "symbol": symbol,
                    "date": pd.Timestamp(why[1] if len(why) > 1 else NIGHT),
                    "state": state,
                    "state_reason": why[0] if why else "sum14 of 30 bp",
                    "days_in_state": 4.0,
                    "sum14_bp": -30.0,
                    "coverage": 1.0,
                }
            )
    columns = ["symbol", "date", "state", "state_reason", "days_in_state", "sum14_bp", "coverage"]
    found = states_as_claimed(pd.DataFrame(rows, columns=columns).astype({"date": "datetime64[ns]"}), NIGHT)
    return {finding.metric.removeprefix("sum14_bp:"): finding for finding in found} | {"all": found[-1]}


def test_all_tokens_as_claimed_support_the_claim() -> None:
    found = judged()
    assert {finding.verdict for finding in found.values()} == {"supported"}
    assert found["ENJ"].reason == "ACCUMULATION for 4 days, claimed ACCUMULATION: sum14 of 30 bp"
    assert (found["ENJ"].value, found["ENJ"].n) == (-30.0, 14)
    assert (found["all"].value, found["all"].n) == (1.0, 6)


def test_one_token_the_other_way_is_enough_against_it() -> None:
    found = judged(ENJ=("DISTRIBUTION",), FET=("NEUTRAL",))
    assert (found["ENJ"].verdict, found["FET"].verdict) == ("not_supported", "inconclusive")
    assert found["all"].verdict == "not_supported"
    assert found["all"].reason.startswith(
        "4 of 6 tokens are in the claimed state; ENJ: DISTRIBUTION for 4 days, claimed"
    )


def test_a_neutral_token_leaves_it_open() -> None:
    assert judged(LINK=("NEUTRAL",))["all"].verdict == "inconclusive"


@pytest.mark.parametrize(("why", "verdict"), [("migration", "artefact"), ("coverage", "not_testable")])
def test_an_unknown_state_is_never_a_flow(why: str, verdict: str) -> None:
    found = judged(MATIC=("UNKNOWN", why))
    assert (found["MATIC"].verdict, found["MATIC"].reason) == (verdict, f"UNKNOWN({why})")
    assert found["all"].verdict == "inconclusive"


def test_a_token_without_transfers_on_the_night_names_its_last_day() -> None:
    found = judged(ENJ=("ACCUMULATION", "sum14 of 30 bp", date(2026, 1, 14)), FET=(None,))
    assert found["ENJ"].reason == "no data: no transfers collected for 2026-01-16, the last is of 2026-01-14"
    assert found["FET"].reason == "no data: no transfers collected for 2026-01-16"
    assert found["ENJ"].verdict == found["FET"].verdict == "not_testable"


def test_a_migration_among_tokens_without_a_state_makes_no_claim_testable() -> None:
    found = judged(
        **dict.fromkeys(CLAIMED_STATES, ("UNKNOWN", "too little history")) | {"MATIC": ("UNKNOWN", "migration")}
    )
    assert (found["MATIC"].verdict, found["all"].verdict) == ("artefact", "not_testable")
    assert found["all"].reason.startswith("ENJ: UNKNOWN(too little history); FET: UNKNOWN")


def test_without_any_transfers_nothing_can_be_said() -> None:
    found = judged(**dict.fromkeys(CLAIMED_STATES, (None,)))
    assert {finding.verdict for finding in found.values()} == {"not_testable"}
