"""The page a reader gets: the night's reading and its record, the claims with their verdicts, the pictures behind them.

Drawn from the published file alone, so that the page never says more than what was audited.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.reporting import charts
from orchestration.reporting.pages import records, write_page

_THOUSAND, _BILLION, _SMALL_P = 1e3, 1e9, 1e-3
_ALPHA = 0.05
_VERDICTS = {
    "supported": "supported",
    "not_supported": "not supported",
    "inconclusive": "inconclusive",
    "not_testable": "not testable",
    "artefact": "artefact",
}


@dataclass(frozen=True)
class Figure:
    """One picture with its words; `svg` is None when there is nothing to draw, and `note` says why."""

    title: str
    note: str
    svg: str | None


@dataclass(frozen=True)
class _Picture:
    title: str
    note: str
    sql: str
    draw: Callable[[pd.DataFrame], str]


_PARTS = _Picture(
    "What the reading is made of",
    "Each part between -1 (speaks against a rotation) and +1 (speaks for it); that there is no breakout from a pattern "
    "speaks against nothing and is 0.",
    """
    with newest as (
        select columns('^(.*)_score$') as '\\1' from marts.rotation_signal
        order by session_date desc limit 1)
    select case part
               when 'breakout' then 'Russell 2000 near its high'
               when 'strength' then 'small caps ahead of large caps'
               when 'correlation' then 'small caps move with crypto'
               when 'pattern' then 'breakout from a chart pattern'
               when 'others_btc' then 'small coins gain on Bitcoin'
               when 'long_bias' then 'few longs in altcoins'
               when 'netflow' then 'tokens leave exchanges'
               else part
           end as part,
           score
    from newest unpivot include nulls (score for part in (columns(*)))""",
    charts.scores,
)
_PICTURES = (
    _Picture(
        "The reading, session by session",
        "The last 260 sessions; a dot marks a session in which it rose above the threshold of its record.",
        """
        select session_date, composite, is_event from marts.rotation_signal
        qualify count(composite) over () > 0 order by session_date desc limit 260""",
        charts.composite,
    ),
    _Picture(
        "Small caps and large caps",
        "The last 260 sessions, closes set to 100 at the start.",
        """
        with recent as (
            select session_date, symbol, close from marts.equity_breakout
            where symbol in ('^RUT', '^GSPC')
            qualify dense_rank() over (order by session_date desc) <= 260)
        select session_date, if(symbol = '^RUT', 'Russell 2000', 'S&P 500') as name,
               100 * close / first_value(close) over (partition by symbol order by session_date) as level
        from recent order by all""",
        charts.index_levels,
    ),
    _Picture(
        "Sessions in a row in which the Russell 2000 beat the S&P 500",
        "The last 260 sessions. In a year of fair coin tosses a run of 9 appears somewhere with probability 0.215, "
        "a run of 14 with 0.007.",
        """
        select session_date, streak_length from marts.equity_streaks
        order by session_date desc limit 260""",
        charts.streaks,
    ),
    _Picture(
        "Correlation of the Russell 2000 with total crypto market cap",
        "Pearson correlation of log returns over the 63 sessions before each date, with its 95 % interval.",
        """
        select session_date, correlation, ci_low, ci_high from marts.equity_crypto_correlation
        where equity_symbol = '^RUT' and crypto_series = 'total_cap' and window_sessions = 63 and method = 'pearson'
          and correlation is not null
        order by session_date desc limit 520""",
        charts.correlation,
    ),
    _Picture(
        "Long bias by size of coin",
        "Median long/short ratio of the newest day with data, with its 95 % interval over coins; above the "
        "dashed line longs outnumber shorts. "
        "The four ratios measure different things and are never blended.",
        """
        select replace(ratio_kind, '_', ' ') as ratio_name, cap_tier, median_ratio, ci_low, ci_high, 1.0 as one
        from marts.cap_tier_long_bias
        where cap_tier in ('mega', 'large', 'mid', 'small', 'micro') and median_ratio is not null
          and date = (select max(date) from marts.cap_tier_long_bias where median_ratio is not null)
        order by all""",
        charts.long_bias,
    ),
    _Picture(
        "Accumulation and distribution on Binance",
        "Net flow of tokens into and out of labelled exchange wallets, last 45 days. Unknown means that the "
        "data cannot say, not that nothing happened. Tokens without any accumulation or distribution in these "
        "days are left out, but for those that claim C8 names.",
        """
        select date, symbol, state from marts.accumulation_distribution
        where exchange = 'binance'
          and date > (select max(date) from marts.accumulation_distribution where exchange = 'binance') - 45
        qualify symbol in ('ENJ', 'FET', 'LINK', 'AXS', 'MATIC', 'JASMY')
          or bool_or(state in ('ACCUMULATION', 'DISTRIBUTION')) over (partition by symbol)
        order by all""",
        charts.netflow_states,
    ),
)


def write_report(published: Path, page: Path, market: str) -> Path:
    """Write the page from `published/rotation.duckdb`; raises `RotationError` when nothing was published."""
    filters: dict[str, Callable[..., str]] = {
        "figure": _figure_text,
        "p_value": _p_text,
        "measure": _measure_text,
        "move": lambda log_return: f"{math.expm1(log_return):+.1%}",
    }
    return write_page(published, page, "report.html", lambda connection: _content(connection, market), filters)


def _content(connection: duckdb.DuckDBPyConnection, market: str) -> dict[str, Any]:
    publication = records(connection, "select * from meta.publications order by published_at desc limit 1")
    measures: dict[str, list[dict[str, Any]]] = {}
    for row in records(connection, _NEWEST.format("claim_measures", "metric")):
        measures.setdefault(row["claim_id"], []).append(row)
    return {
        "market": market,
        "publication": publication[0] if publication else None,
        "reading": next(iter(records(connection, _READING)), None),
        "crossings": records(connection, _CROSSINGS)[0],
        "record": next(iter(records(connection, _RECORD)), None),
        "parts": _figure(connection, _PARTS),
        "counts": records(connection, _COUNTS),
        "claims": records(connection, _NEWEST.format("claims", "claim_id")),
        "measures": measures,
        "alpha": _ALPHA,
        "verdicts": _VERDICTS,
        "figures": [_figure(connection, picture) for picture in _PICTURES],
        "audit": records(connection, _AUDIT)[0],
        "requests": records(connection, _REQUESTS),
    }


# The newest session may have no reading for want of data: then it says why.
_READING = (
    "select session_date, composite, coverage, reason from marts.rotation_signal order by session_date desc limit 1"
)
_CROSSINGS = "select count(*) as times, min(session_date) as first from marts.rotation_signal where is_event"
_RECORD = """
    select n_measured, horizon_sessions, mean_car, base_rate, share_positive, p_holm, family_tests, minimum_detectable,
           first_event
    from marts.signal_event_study
    where signal = 'rotation_signal' and horizon_sessions = 20 and model = 'market_model'
    order by evaluation_date desc limit 1"""
_COUNTS = """
    select verdict, count(*) as claims from marts.claims
    where evaluation_date = (select max(evaluation_date) from marts.claims)
    group by all order by claims desc, verdict"""
_NEWEST = """
    select * from marts.{0} where evaluation_date = (select max(evaluation_date) from marts.claims)
    order by try_cast(claim_id[2:] as integer), {1}"""
_AUDIT = """
    select count(*) as checked, count(*) filter (where status = 'violated') as violated,
           count(*) filter (where status = 'error') as unevaluated
    from meta.validation_results
    where night = (select max(night) from meta.validation_results)"""
_REQUESTS = """
    select source || ' ' || dataset as dataset, table_name, max(night) as night, sum(rows_parsed) as rows_read,
           sum(rows_new) as rows_new, sum(rows_changed) as rows_restated
    from meta.batches group by all order by all"""


def _figure(connection: duckdb.DuckDBPyConnection, picture: _Picture) -> Figure:
    rows = connection.sql(picture.sql).df()
    if rows.empty:
        return Figure(picture.title, "No data: nothing was collected that this picture could show.", None)
    return Figure(picture.title, picture.note, picture.draw(rows))


def _figure_text(value: float | None) -> str:
    """A number as a reader wants it: three significant digits, or a dash."""
    if value is None or pd.isna(value):
        return "–"
    if abs(value) >= _BILLION:
        return f"{value / _BILLION:,.0f} bn"
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:.3g}"


def _p_text(p: float | None) -> str:
    """A probability; below one in a thousand its size says nothing more."""
    return "< 0.001" if p is not None and p < _SMALL_P else _figure_text(p)


def _measure_text(metric: str) -> str:
    """The name of a measure as words."""
    return metric.replace(":", ", ").replace("_", " ")
