"""One picture per question, as SVG text. Every function takes the rows of one query and knows no database.

Belongs here: marks, axes and words of a chart. Which rows it gets is decided by the report.
"""

from __future__ import annotations

import altair as alt
import pandas as pd
import vl_convert

WIDTH, HEIGHT = 760, 240
BLUE, ORANGE, GREY, RED, GREEN = "#2358b8", "#c2630a", "#6b7280", "#b42318", "#1f7a4d"
TIERS = ["mega", "large", "mid", "small", "micro"]
_STATE_COLOURS = {
    "ACCUMULATION": GREEN,
    "DISTRIBUTION": RED,
    "NEUTRAL": "#d6dae1",
    "UNKNOWN": "#f3e3b3",
}


def index_levels(rows: pd.DataFrame) -> str:
    """Closes of both indices, 100 at the start. Columns: session_date, symbol, level."""
    chart = (
        alt.Chart(rows)
        .mark_line(strokeWidth=1.8)
        .encode(
            x=_dates("session_date"),
            y=alt.Y("level:Q", title="close, start = 100", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(domain=["Russell 2000", "S&P 500"], range=[BLUE, GREY]),
                legend=alt.Legend(orient="top-left"),
            ),
        )
    )
    return _svg(chart)


def composite(rows: pd.DataFrame) -> str:
    """The composite between -1 and 1, its events as dots. Columns: session_date, composite, is_event."""
    base = alt.Chart(rows).encode(
        x=_dates("session_date"), y=alt.Y("composite:Q", title="reading", scale=alt.Scale(domain=[-1, 1]))
    )
    line = base.mark_line(color=BLUE, strokeWidth=1.8)
    events = base.transform_filter("datum.is_event").mark_point(filled=True, size=60, color=ORANGE)
    return _svg(line + _zero() + events)


def scores(rows: pd.DataFrame) -> str:
    """The parts of the composite as bars between -1 and 1. Columns: part, score; a part without data has no score."""
    base = alt.Chart(rows).encode(y=alt.Y("part:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)))
    score = alt.X("score:Q", title=None, scale=alt.Scale(domain=[-1, 1]))
    colour = alt.condition("datum.score < 0", alt.value(ORANGE), alt.value(BLUE))
    bars = base.mark_bar().encode(x=score, color=colour)
    nothing = (
        base.transform_filter("!isValid(datum.score)")
        .mark_text(text="no data", align="left", dx=4, color=GREY)
        .encode(x=alt.datum(0.0))
    )
    return _render((bars + nothing).properties(width=WIDTH - 220, height=alt.Step(22)))


def streaks(rows: pd.DataFrame) -> str:
    """Sessions in a row above the S&P 500. Columns: session_date, streak_length."""
    chart = (
        alt.Chart(rows)
        .mark_bar(color=BLUE, width=2)
        .encode(x=_dates("session_date"), y=alt.Y("streak_length:Q", title="sessions in a row", axis=_whole()))
    )
    return _svg(chart)


def correlation(rows: pd.DataFrame) -> str:
    """Rolling correlation with its interval. Columns: session_date, correlation, ci_low, ci_high."""
    base = alt.Chart(rows).encode(x=_dates("session_date"))
    band = base.mark_area(color=BLUE, opacity=0.18).encode(
        y=alt.Y("ci_low:Q", title="correlation", scale=alt.Scale(domain=[-1, 1])), y2="ci_high:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=1.8).encode(y="correlation:Q")
    return _svg(band + line + _zero())


def long_bias(rows: pd.DataFrame) -> str:
    """Median ratio per tier with its interval. Columns: ratio_name, cap_tier, median_ratio, ci_low, ci_high, one."""
    base = alt.Chart(rows).encode(
        x=alt.X("cap_tier:N", sort=TIERS, title=None, axis=alt.Axis(labelAngle=0, labelFontSize=10)),
    )
    # As far below 1 as above it, and no further than the data: a decade of empty paper hides what there is.
    reach = 1.1 * float(rows[["median_ratio", "ci_low", "ci_high"]].map(lambda x: max(x, 1 / x)).max().max())
    scale = alt.Scale(type="log", domain=[1 / reach, reach], nice=False)
    ratio = alt.Y("median_ratio:Q", title="median ratio, log scale", scale=scale)
    points = base.mark_point(filled=True, size=60, color=BLUE).encode(y=ratio)
    whiskers = base.mark_rule(color=BLUE).encode(y="ci_low:Q", y2="ci_high:Q")
    even = alt.Chart(rows).mark_rule(color=GREY, strokeDash=[4, 3]).encode(y="one:Q")
    layered = (whiskers + points + even).properties(width=150, height=190)
    return _render(layered.facet(column=alt.Column("ratio_name:N", title=None, header=alt.Header(labelFontSize=12))))


def netflow_states(rows: pd.DataFrame) -> str:
    """The state of each token on each day. Columns: date, symbol, state."""
    domain = list(_STATE_COLOURS)
    chart = (
        alt.Chart(rows)
        .mark_rect()
        .encode(
            x=alt.X(
                "yearmonthdate(date):O", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True, labelAngle=0)
            ),
            y=alt.Y("symbol:N", title=None),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=domain, range=list(_STATE_COLOURS.values())),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    return _render(chart.properties(width=WIDTH - 40, height=alt.Step(17)))


def _zero() -> alt.Chart:
    line: alt.Chart = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=GREY, strokeDash=[4, 3])
    return line.encode(y="zero:Q")


def _dates(column: str) -> alt.X:
    return alt.X(f"{column}:T", title=None, axis=alt.Axis(labelOverlap=True))


def _whole() -> alt.Axis:
    return alt.Axis(tickMinStep=1, format="d")


def _svg(chart: alt.Chart | alt.LayerChart) -> str:
    return _render(chart.properties(width=WIDTH, height=HEIGHT))


def _render(chart: alt.TopLevelMixin) -> str:
    return str(vl_convert.vegalite_to_svg(styled(chart).to_json()))


def styled(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """The look that all charts share."""
    alike: alt.TopLevelMixin = chart.configure_view(stroke=None).configure_axis(
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e5e7eb", domainColor="#9ca3af"
    )
    return alike
