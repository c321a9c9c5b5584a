"""docs/claims_recorded.md: the claims table of each night with its numbers, and below it a person's reading of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.end_to_end.whole_nights import Place
from tests.recorded.markdown import interval, number, probability, table, words
from tests.recorded.nights import NIGHTS

PAGE = Path(__file__).parents[2] / "docs" / "claims_recorded.md"
_READING = "## Reading\n"
_OPENING = """# The claims on the recorded market

What the pipeline says of what really happened. `python -m tests.recorded` runs the nights on a recorded market
(equities and totals; no ratios of altcoins, no transfers of tokens, monthly caps to October 2025) and writes all above
*Reading*, which is kept. A p is adjusted by Holm inside its claim, and by Benjamini and Hochberg across the claims that
were tested that night; the rules are in [verdict_rules.csv](../dbt_project/seeds/verdict_rules.csv) and explained in
[methodology.md](methodology.md).

"""


def page(place: Place, old: str, nights: tuple[str, ...] = NIGHTS) -> str:
    """The page anew; the reading of the old one stays."""
    reading = old[old.index(_READING) :] if _READING in old else _READING
    return _OPENING + _verdicts(place, nights) + "".join(night_section(place, night) for night in nights) + reading


def night_section(place: Place, night: str) -> str:
    """One night: its claims with their numbers and reasons, and every measure behind them."""
    claims, measures = (_rows(place, name, night) for name in ("claims", "claim_measures"))
    heads = ("claim", "verdict", "headline measure", "value", "95 % interval", "by chance", "p", "p across claims", "n")
    numbers = [
        [
            *(row.claim_id, words(row.verdict), words(row.metric)),
            *(number(row.value), interval(row.ci_low, row.ci_high), number(row.null_value)),
            *(probability(row.p_value), probability(row.p_across_claims), number(row.n)),
        ]
        for row in claims.itertuples()
    ]
    reasons = "".join(f"- **{row.claim_id}**: {row.reason}\n" for row in claims.itertuples())
    return f"## Night of {night}\n\n{table(heads, numbers)}\n{reasons}\n{_measures(measures)}\n"


def _measures(measures: pd.DataFrame) -> str:
    told = measures[measures["value"].notna()]
    heads = ("claim", "measure", "value", "95 % interval", "by chance", "p", "tests", "n", "n_eff", "verdict")
    rows = [
        [
            *(row.claim_id, words(row.metric), number(row.value), interval(row.ci_low, row.ci_high)),
            *(number(row.null_value), probability(row.p_value), number(row.family_tests or None)),
            *(number(row.n), number(row.n_eff), words(row.verdict)),
        ]
        for row in told.itertuples()
    ]
    untold = measures[measures["value"].isna()].groupby(["claim_id", "reason"], sort=False)["metric"].agg(list)
    missing = "".join(
        f"- {claim}: {', '.join(words(metric) for metric in metrics)}: {reason}\n"
        for (claim, reason), metrics in untold.items()
    )
    summary = f"<summary>{len(measures)} measures, {len(told)} with a number</summary>"
    return f"<details>{summary}\n\n{table(heads, rows)}\nWithout a number:\n\n{missing}\n</details>\n"


def _verdicts(place: Place, nights: tuple[str, ...]) -> str:
    rows = [_rows(place, "claims", night).set_index("claim_id") for night in nights]
    lines = [
        [claim, str(rows[0].loc[claim, "statement"]), *(words(str(night.loc[claim, "verdict"])) for night in rows)]
        for claim in rows[0].index
    ]
    return table(("claim", "statement", *nights), lines) + "\n"


def _rows(place: Place, mart: str, night: str) -> pd.DataFrame:
    return place.published(
        f"select * from marts.{mart} where evaluation_date = date '{night}' "
        "order by try_cast(claim_id[2:] as integer), metric"
    )
