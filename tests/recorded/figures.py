"""The numbers of docs/methodology.md: read from the published marts, or computed here from recorded prices.

Belongs here: what the page's template may name. Its sentences are in methodology.md.j2.
"""

from __future__ import annotations

import csv
import re
import textwrap
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analytics import long_bias, netflow, trend_tests
from analytics.cycles import extrapolate
from analytics.streaks import p_longest_run_fair
from tests.end_to_end.whole_nights import RECORDED, Place
from tests.recorded.markdown import interval, number, probability, table, words
from tests.recorded.month_ends import monthly_cointegration
from tests.recorded.references.prices import NIGHT, levels, returns

PAGE = Path(__file__).parents[2] / "docs" / "methodology.md"
PROOFS = PAGE.with_name("proofs.md")
# Ten made-up coins, largest first.
RATIOS, SIZES = (0.90, 1.05, 0.98, 1.20, 1.10, 1.35, 1.02, 1.40, 1.60, 1.50), ("large", "mid", "small")
RULES = Path(__file__).parents[2] / "dbt_project" / "seeds" / "verdict_rules.csv"


def page(place: Place) -> str:
    """The page, every figure in it computed; a name that the template asks for and nobody knows is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown of our own
    )
    environment.filters |= {
        "number": number,
        "p": probability,
        "percent": lambda value, digits=0: f"{100 * value:.{digits}f} %".replace("-", "−"),
        "signed": lambda value, digits=2: f"{value:+.{digits}f}".replace("-", "−"),
        "interval": lambda row: interval(row["ci_low"], row["ci_high"]),
        "fixed": lambda value, digits=2: f"{value:.{digits}f}".replace("-", "−"),
        "sentence": lambda text: text[:1].upper() + text[1:],
        "words": words,
    }
    environment.globals |= {
        "night": f"{NIGHT:%Y-%m-%d}",
        "measure": partial(measure, place),
        "claim": partial(claim, place),
        "rules": rules,
        "proof": proof,
        "fair": p_longest_run_fair,
        "one": partial(_one, place),
        "alignments": alignments(place),
        "correlations": correlations(place),
        "ten_coins": ten_coins(),
        "flows": flows(),
        "paths": shared_paths(place),
        "gains": extrapolate([4.23, 5.03]),
    }
    return wrapped(environment.get_template("methodology.md.j2").render())


def measure(place: Place, claim_id: str, metric: str, night: str = f"{NIGHT:%Y-%m-%d}") -> pd.Series:
    """One measure of one night."""
    return _one(
        place,
        f"select * from marts.claim_measures where claim_id = '{claim_id}' and metric = '{metric}' "
        f"and evaluation_date = date '{night}'",
    )


def claim(place: Place, claim_id: str, night: str = f"{NIGHT:%Y-%m-%d}") -> pd.Series:
    """One claim of one night."""
    return _one(place, f"select * from marts.claims where claim_id = '{claim_id}' and evaluation_date = date '{night}'")


def _one(place: Place, sql: str) -> pd.Series:
    rows = place.published(sql)
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows instead of one: {sql}")
    return rows.iloc[0]


def rules(claim_id: str) -> str:
    """The claim's rows of the reviewed file of verdict rules, as they stand there."""
    with RULES.open(encoding="utf-8", newline="") as lines:
        mine = [rule for rule in csv.DictReader(lines) if rule["claim_id"] == claim_id]
    head = ("measure", "role", "verdict", "thresholds", "family of tests")
    return table(
        head,
        [
            [
                f"`{rule['metric']}`" if rule["metric"] != "*" else "the claim",
                rule["role"],
                rule["rule"],
                rule["parameters"].replace(";", ", "),
                rule["family"],
            ]
            for rule in mine
        ],
    )


def proof(what: str, setting: str) -> str:
    """What a simulation in docs/proofs.md measured."""
    for line in PROOFS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
        if len(cells) > 3 and what in cells[1] and setting in cells[2]:
            return cells[3]
    raise ValueError(f"docs/proofs.md has no row '{what}' with '{setting}': run python -m tests.proofs first")


def alignments(place: Place) -> dict[str, float]:
    """The correlation of one year under one right and two wrong ways to line up equities and crypto."""
    pair = returns(place)[["^RUT", "total_cap"]].iloc[-252:]
    totals = pd.read_csv(RECORDED / "total_cap.csv", parse_dates=["date"]).set_index("date")["total_cap_usd"]
    daily = np.log(totals).diff()
    days = pd.date_range(pair.index[0], pair.index[-1])
    filled = levels(place)["^RUT"].reindex(days.union(levels(place).index)).ffill().diff().reindex(days)
    return {
        "sessions": float(pair.corr().iloc[0, 1]),
        "one_day": float(np.corrcoef(pair["^RUT"], daily.reindex(pair.index))[0, 1]),
        "filled": float(np.corrcoef(filled, daily.reindex(days))[0, 1]),
    }


def correlations(place: Place) -> str:
    """One night's correlations as a table."""
    rows = place.published(
        f"""
        select * from marts.equity_crypto_correlation
        where equity_symbol = '^RUT' and crypto_series = 'total_cap' and method = 'pearson'
          and session_date = date '{NIGHT:%Y-%m-%d}' order by window_sessions""",
        f"{NIGHT:%Y-%m-%d}",
    )
    head = (
        *("sessions", "correlation", "Fisher interval", "bootstrap interval", "n_eff"),
        *("given the S&P 500", "volatility-adjusted"),
    )
    return table(
        head,
        [
            [
                *(number(row.window_sessions), f"{row.correlation:.3f}", interval(row.ci_low, row.ci_high)),
                *(interval(row.bootstrap_low, row.bootstrap_high), number(row.n_eff)),
                *(f"{row.partial_correlation:.3f}", f"{row.volatility_adjusted:.3f}"),
            ]
            for row in rows.itertuples()
        ],
    )


def shared_paths(place: Place) -> dict[str, Any]:
    """At how many month-ends two years showed cointegration at 5 %, unadjusted for their number."""
    monthly = monthly_cointegration(place)
    return {
        "since": f"{monthly['day'].iloc[0]:%B %Y}",
        "ends": len(monthly),
        "below": int((monthly["p"] <= 0.05).sum()),
        "smallest": float(monthly["p"].min()),
    }


def ten_coins() -> dict[str, Any]:
    """Ten made-up coins, largest first, that a reader can check by hand: C5 and C6 of one day."""
    ratios, tiers, ranks = np.array(RATIOS), np.repeat([0, 1, 2], [3, 3, 4]), np.arange(1, 11)
    trend = trend_tests.trend(np.log(1e12 / ranks**1.5), np.log(ratios))
    ordered = trend_tests.jonckheere_terpstra(np.log(ratios), tiers, np.random.default_rng(1))
    share = long_bias.share_above(int((ratios > 1).sum()), len(ratios))
    lines = [[str(rank), SIZES[tier], f"{ratio:.2f}"] for rank, tier, ratio in zip(ranks, tiers, ratios, strict=True)]
    return {
        "table": table(("rank", "tier", "ratio"), lines),
        "trend": trend,
        "ordered": ordered,
        "pairs": round(2 * ordered.expected),
        "share": share,
        "above": int((ratios > 1).sum()),
    }


def wrapped(text: str, width: int = 120) -> str:
    """Paragraphs filled anew, for figures have other widths than their names; tables and headings as they are."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        is_item = line.startswith("- ")
        if paragraph and (is_item or not line.strip() or line.startswith(("|", "#", "!", "---"))):
            indent = "  " if paragraph[0].startswith("- ") else ""
            joined = " ".join(part.strip() for part in paragraph)
            lines += textwrap.wrap(
                joined, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
            )
            paragraph = []
        if line.strip() and not line.startswith(("|", "#", "!", "---")):
            paragraph.append(line)
        elif line.strip() or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"


def flows() -> dict[str, Any]:
    """A made-up token whose flow turns outwards: the days until it counts as accumulation."""
    quiet = np.tile([4.0, -3.0, 2.0, -4.0, 3.0, -2.0], 20)[:100]
    turned = np.concatenate([quiet, np.full(20, -12.0)])
    supply = np.full(len(turned), 100_000.0)
    judged = netflow.judge(turned, supply, [""] * len(turned))
    first = judged.state.index("ACCUMULATION")
    return {
        "z": float(judged.z_score[100]),
        "days": first - 100 + 1,
        "ema": float(judged.ema_z[first]),
        "sum": float(judged.sum_bp[first]),
    }
