"""The pictures of docs/methodology.md: derived statistics beside what chance gives, never a provider's prices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from analytics.cycles import extrapolate
from analytics.streaks import p_longest_run_permuted
from orchestration.reporting.charts import BLUE, GREY, HEIGHT, ORANGE, RED, WIDTH, styled
from tests.end_to_end.whole_nights import Place
from tests.recorded.figures import RATIOS, SIZES
from tests.recorded.month_ends import monthly_cointegration
from tests.recorded.references import together
from tests.recorded.references.prices import NIGHT, levels

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "methodology"
_ON_NIGHT = f"date '{NIGHT:%Y-%m-%d}'"
_PAIR = "equity_symbol = '^RUT' and crypto_series = 'total_cap'"
_TOP = alt.Legend(orient="top", title=None, labelFontSize=12, symbolStrokeWidth=3, labelLimit=400)


def draw(place: Place) -> list[Path]:
    """Every picture as SVG in FOLDER, sharp at every size and a third of a PNG; returns what was written."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        path.write_text(vl_convert.vegalite_to_svg(styled(picture(place)).to_json()), encoding="utf-8")
        written.append(path)
    return written


def _sized(chart: alt.Chart | alt.LayerChart, height: int = HEIGHT) -> alt.Chart | alt.LayerChart:
    return chart.properties(width=WIDTH, height=height)


def _rule(value: float, axis: str = "x", colour: str = GREY) -> alt.Chart:
    dash = alt.Chart(pd.DataFrame({"at": [value]})).mark_rule(color=colour, strokeDash=[5, 3], strokeWidth=1.5)
    return dash.encode(x="at:Q") if axis == "x" else dash.encode(y="at:Q")


def _note(x: float, y: float, text: str, align: str = "left", colour: str = ORANGE) -> alt.Chart:
    """Words at a place of a chart with two numeric axes called x and y."""
    at = alt.Chart(pd.DataFrame({"x": [x], "y": [y], "text": [text]}))
    return at.mark_text(align=align, dx=6 if align == "left" else -6, color=colour, fontSize=12).encode(
        x="x:Q", y="y:Q", text="text:N"
    )


def highs(place: Place) -> alt.Chart:
    """C1: how many sessions of each year closed at an all-time high."""
    rows = place.published(f"""
        select year(session_date)::varchar as year, count(*) filter (where is_ath) as highs,
            count(*) filter (where is_fresh_ath) as fresh
        from marts.equity_breakout where symbol = '^RUT' and session_date <= {_ON_NIGHT} group by 1 order by 1""")
    bars = alt.Chart(rows).mark_bar(color=BLUE, width=36)
    axis = alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0))
    told = rows[rows["fresh"] > 0].assign(text=lambda rows: rows["fresh"].astype(str) + " fresh")
    fresh = alt.Chart(told).mark_text(dy=-8, fontSize=12, color=ORANGE)
    high = alt.Y("highs:Q", title="sessions at an all-time high")
    return _sized(bars.encode(x=axis, y=high) + fresh.encode(x=axis, y=high, text="text:N"))


def streak_chance(place: Place) -> alt.Chart:
    """C2: the chance of a run at least as long, when the wins of the year are shuffled."""
    row = place.published(f"select wins, sessions from marts.equity_streaks where session_date = {_ON_NIGHT}").iloc[0]
    lengths = np.arange(4, 18)
    rows = pd.DataFrame(
        {"x": lengths, "y": [p_longest_run_permuted(int(row["sessions"]), int(row["wins"]), int(k)) for k in lengths]}
    )
    x = alt.X("x:Q", title="sessions in a row", axis=alt.Axis(tickMinStep=1, format="d", values=lengths.tolist()))
    y = alt.Y(
        "y:Q",
        title="probability in a year",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~g", values=[1, 0.1, 0.01, 0.001]),
    )
    line = alt.Chart(rows).mark_line(point=True, color=BLUE).encode(x=x, y=y)
    dates = {9: "14 January", 11: "16 January", 14: "22 January"}
    chances = rows.set_index("x")["y"]
    notes = [_note(k, 1.35 * float(chances[k]), f"{day}: {k} sessions") for k, day in dates.items()]
    return _sized(alt.layer(line, *notes))


def correlation(place: Place) -> alt.Chart:
    """C3: the rolling correlation over a quarter with its interval, and over a year."""
    rows = place.published(f"""
        select session_date, window_sessions, correlation, ci_low, ci_high from marts.equity_crypto_correlation
        where {_PAIR} and method = 'pearson' and window_sessions in (63, 252) and correlation is not null
          and session_date <= {_ON_NIGHT} and dayofweek(session_date) = 5 order by session_date""")
    rows["window"] = rows["window_sessions"].map({63: "63 sessions, with its 95 % interval", 252: "252 sessions"})
    colour = alt.Color("window:N", scale=alt.Scale(range=[BLUE, ORANGE]), sort=None, legend=_TOP)
    x = alt.X("session_date:T", title=None)
    quarter = alt.Chart(rows[rows["window_sessions"] == 63])
    band = quarter.mark_area(color=BLUE, opacity=0.15).encode(
        x=x, y=alt.Y("ci_low:Q", title="correlation"), y2="ci_high:Q"
    )
    lines = alt.Chart(rows).mark_line(strokeWidth=1.6).encode(x=x, y="correlation:Q", color=colour)
    return _sized(band + lines + _rule(0.0, "y"))


def methods(place: Place) -> alt.Chart:
    """C3: one night's correlations by window and method, each with its interval."""
    rows = place.published(
        f"""
        select window_sessions, method, correlation, ci_low, ci_high from marts.equity_crypto_correlation
        where {_PAIR} and session_date = {_ON_NIGHT} and correlation is not null
        union all
        select window_sessions, 'pearson, bootstrap', correlation, bootstrap_low, bootstrap_high
        from marts.equity_crypto_correlation
        where {_PAIR} and session_date = {_ON_NIGHT} and bootstrap_low is not null""",
        f"{NIGHT:%Y-%m-%d}",
    )
    order = ["pearson", "pearson, bootstrap", "spearman", "winsorised", "ewma", "weekly"]
    base = alt.Chart(rows).encode(
        x=alt.X("method:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelFontSize=11))
    )
    points = base.mark_point(filled=True, size=55, color=BLUE).encode(y=alt.Y("correlation:Q", title="correlation"))
    whiskers = base.mark_rule(color=BLUE).encode(y="ci_low:Q", y2="ci_high:Q")
    zero = base.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=alt.datum(0))
    layered = (whiskers + points + zero).properties(width=160, height=190)
    head = alt.Header(labelExpr="datum.value + ' sessions'", labelFontSize=12)
    return layered.facet(column=alt.Column("window_sessions:O", title=None, header=head))


def level_null(place: Place) -> alt.Chart:
    """C3: correlations of the levels of two walks that have nothing to do with each other, and the measured one."""
    steps = np.random.default_rng(20260116).normal(size=(2, 10_000, 504)).cumsum(axis=2)
    centred = steps - steps.mean(axis=2, keepdims=True)
    scaled = centred / np.linalg.norm(centred, axis=2, keepdims=True)
    values = (scaled[0] * scaled[1]).sum(axis=1)
    measured = float(_measure(place, "C3", "level_correlation")["value"])
    counts, edges = np.histogram(values, bins=np.linspace(-1, 1, 41))
    rows = pd.DataFrame({"x": edges[:-1], "to": edges[1:], "y": counts / len(values)})
    bars = alt.Chart(rows).mark_rect(color=BLUE, opacity=0.55, stroke="white", strokeWidth=0.5).encode(
        x=alt.X("x:Q", title=f"correlation of levels over 504 sessions (standard deviation {values.std():.2f})",
                axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1])),
        x2="to:Q", y=alt.Y("y:Q", title="share of 10,000 pairs", axis=alt.Axis(format="%")), y2=alt.datum(0),
    )  # fmt: skip
    note = _note(measured, float(rows["y"].max()), f"recorded: {measured:+.2f}")
    return _sized(bars + _rule(measured, colour=ORANGE) + note)


def cointegration(place: Place) -> alt.Chart:
    """C3: Engle and Granger's p over two years, at every month-end."""
    line = alt.Chart(monthly_cointegration(place)).mark_line(color=BLUE, point=alt.OverlayMarkDef(size=16, color=BLUE))
    line = line.encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y", tickCount="year")),
        y=alt.Y("p:Q", title="p of no common path", scale=alt.Scale(domain=[0, 1])),
    )
    return _sized(line + _rule(0.05, "y", RED), 180)


def match_null(place: Place) -> alt.Chart:
    """C4: the share of matched turning points under every shift in time, and the measured one."""
    n = len(levels(place))
    left, right = (
        [(at - (n - 504), kind) for at, kind in together.pivots(place, name, 10) if at >= n - 504]
        for name in ("^RUT", "total_cap")
    )
    shifted = [[((at + by) % 504, kind) for at, kind in right] for by in range(1, 504)]
    shares = pd.Series([2 * together.pairs(left, moved, 5) / (len(left) + len(right)) for moved in shifted])
    rows = (shares.value_counts(normalize=True).sort_index()).rename_axis("x").reset_index(name="y")
    measured = float(_measure(place, "C4", "match_share:k10:tolerance5")["value"])
    bars = alt.Chart(rows).mark_bar(color=BLUE, opacity=0.55, width=46).encode(
        x=alt.X("x:Q", title="share of turning points with a partner within 5 sessions",
                scale=alt.Scale(domain=[-0.05, 0.65], nice=False),
                axis=alt.Axis(format="%", values=[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])),
        y=alt.Y("y:Q", title="share of 503 shifts in time", axis=alt.Axis(format="%")),
    )  # fmt: skip
    above = 1.08 * float(rows["y"].max())
    mirrored = _note(0.5, above, "from here on they mirror", colour=GREY)
    note = _note(measured, above, f"recorded: {measured:.0%}")
    return _sized(bars + _rule(measured, colour=ORANGE) + _rule(0.5) + note + mirrored)


def lead_lag(place: Place) -> alt.Chart:
    """C4: correlations of prewhitened returns at every lag, and the band of the largest without any link."""
    rows = place.published(
        f"""
        select lag_sessions as lag, correlation, band_low, band_high from marts.equity_crypto_lead_lag
        where {_PAIR} and as_of_date = {_ON_NIGHT} order by lag""",
        f"{NIGHT:%Y-%m-%d}",
    )
    title = "crypto leads  ←  lag in sessions  →  the Russell 2000 leads"
    x = alt.X("lag:Q", title=title, axis=alt.Axis(values=list(range(-20, 21, 5))))
    bars = alt.Chart(rows).mark_bar(color=BLUE, width=8).encode(x=x, y=alt.Y("correlation:Q", title="correlation"))
    band = alt.Chart(rows).mark_area(color=GREY, opacity=0.18).encode(x=x, y="band_low:Q", y2="band_high:Q")
    return _sized(band + bars)


def long_bias(_: Place) -> alt.Chart:
    """C5, C6: the ten made-up coins of the example, for no ratios of altcoins are recorded."""
    rows = pd.DataFrame({"rank": range(1, 11), "ratio": RATIOS, "tier": np.repeat(SIZES, [3, 3, 4])})
    points = alt.Chart(rows).mark_point(filled=True, size=80).encode(
        x=alt.X("rank:Q", title="rank by market cap (made-up coins)", axis=alt.Axis(tickMinStep=1, format="d"),
                scale=alt.Scale(domain=[0.5, 10.5], nice=False)),
        y=alt.Y("ratio:Q", title="long/short ratio, log scale", axis=alt.Axis(values=[0.8, 1.0, 1.25, 1.6]),
                scale=alt.Scale(type="log", domain=[0.8, 1.8], nice=False)),
        color=alt.Color("tier:N", sort=SIZES, scale=alt.Scale(range=[GREY, BLUE, ORANGE]), legend=_TOP),
    )  # fmt: skip
    return _sized(points + _rule(1.0, "y"), 200)


def drawdowns(place: Place) -> alt.Chart:
    """C7: how far altcoins were below the highest recorded price, on the newest day with caps."""
    rows = place.warehouse("""
        select drawdown from intermediate.int_coin_drawdowns
        where date = (select max(date) from intermediate.int_coin_drawdowns) and coin_id <> 'bitcoin'
          and state in ('listed', 'dead') and history_days >= 180
        order by drawdown""")
    bars = alt.Chart(rows).mark_bar(color=BLUE).encode(
        x=alt.X("drawdown:Q", bin=alt.Bin(step=0.1), title="below the highest known price", axis=alt.Axis(format="%")),
        y=alt.Y("count():Q", title="altcoins"),
    )  # fmt: skip
    return _sized(bars)


def netflow(place: Place) -> alt.Chart:
    """C8: the smoothed score of Ether's flows to all exchanges, and the thresholds of a state."""
    rows = place.published(f"""
        select date, ema7_z, state from marts.accumulation_distribution
        where symbol = 'ETH' and date between date '2025-08-01' and {_ON_NIGHT} and ema7_z is not null order by date""")
    states = {"ACCUMULATION": "#1f7a4d", "NEUTRAL": "#9ca3af", "DISTRIBUTION": RED}
    bars = alt.Chart(rows).mark_bar(width=3).encode(
        x=alt.X("date:T", title=None),
        y=alt.Y("ema7_z:Q", title="smoothed z of netflow"),
        color=alt.Color("state:N", scale=alt.Scale(domain=list(states), range=list(states.values())), legend=_TOP),
    )  # fmt: skip
    return _sized(alt.layer(bars, _rule(1.0, "y"), _rule(-1.0, "y")))


def pattern_chance(place: Place) -> alt.Chart:
    """C9: how many breakouts a quarter has on paths without meaning."""
    row = place.published(
        "select chance_breakouts from marts.chart_pattern_chance where symbol = '^RUT' and bar_interval = 'daily'",
        f"{NIGHT:%Y-%m-%d}",
    ).iloc[0]
    at_least = [*row["chance_breakouts"], 0.0]
    rows = pd.DataFrame({"x": range(len(at_least) - 1), "y": -np.diff(at_least)})
    bars = alt.Chart(rows).mark_bar(color=BLUE, opacity=0.55, width=60).encode(
        x=alt.X("x:Q", title="breakouts in 63 sessions of resampled returns", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("y:Q", title="share of 1,999 paths", axis=alt.Axis(format="%")),
    )  # fmt: skip
    measured = int(_measure(place, "C9", "breakouts:daily")["value"])
    return _sized(bars + _note(measured, float(rows["y"][measured]) + 0.02, f"recorded: {measured}", align="left"))


def projections(_: Place) -> alt.Chart:
    """C10: what four rules make of two gains, the projection, and the interval that two gains allow."""
    found = extrapolate([4.23, 5.03])
    rows = pd.DataFrame(
        [
            *(("mean of both", found.mean), ("step again", found.linear)),
            *(("ratio of percentages again", found.percent_ratio), ("ratio of peak to trough again", found.log_step)),
            ("the projection", 7.02),
        ],
        columns=["what", "gain"],
    )
    names = [*rows["what"], "95 % prediction interval"]
    y = alt.Y("what:N", sort=names, title=None, axis=alt.Axis(labelLimit=260))
    x = alt.X("gain:Q", title="next gain, log scale", scale=alt.Scale(type="log", domain=[0.1, 40]),
              axis=alt.Axis(format="%", values=[0.1, 0.3, 1, 3, 10, 30]))  # fmt: skip
    points = alt.Chart(rows).mark_point(filled=True, size=80).encode(
        y=y, x=x,
        color=alt.condition("datum.what == 'the projection'", alt.value(ORANGE), alt.value(BLUE)),
    )  # fmt: skip
    labels = alt.Chart(rows.assign(text=(100 * rows["gain"]).map("{:.0f} %".format))).mark_text(
        dx=8, align="left", fontSize=12
    )
    span = pd.DataFrame({"what": [names[-1]], "gain": [found.low], "to": [found.high]})
    whisker = alt.Chart(span).mark_rule(color=GREY, strokeWidth=3).encode(y=y, x=x, x2="to:Q")
    return _sized(whisker + points + labels.encode(y=y, x=x, text="text:N"), 170)


def events(place: Place) -> alt.Chart:
    """Event study: mean abnormal returns, and the span in which an effect would not have been seen."""
    rows = place.published("""
        select replace(replace(signal, '_', ' '), 'ath', 'high') || ', ' || n_measured
            || if(n_measured = 1, ' event', ' events') as signal, horizon_sessions, mean_car,
            base_rate - minimum_detectable as low, base_rate + minimum_detectable as high
        from marts.signal_event_study where model = 'market_model' and n_measured > 0
          and evaluation_date = (select max(evaluation_date) from marts.signal_event_study)""")
    y = alt.Y("signal:N", title=None, axis=alt.Axis(labelLimit=260))
    x = alt.X("mean_car:Q", title="abnormal return on Bitcoin; grey: an effect too small to be seen",
              axis=alt.Axis(format="+%", tickCount=5))  # fmt: skip
    base = alt.Chart(rows)
    unseen = base.mark_bar(color=GREY, opacity=0.25, height=12).encode(y=y, x="low:Q", x2="high:Q")
    points = base.mark_point(filled=True, size=60, color=BLUE).encode(y=y, x=x)
    head = alt.Header(labelExpr="datum.value + ' sessions after'", labelFontSize=12, labelAngle=0, labelAlign="left")
    layered = (unseen + points).properties(width=560, height=alt.Step(22))
    return layered.facet(row=alt.Row("horizon_sessions:O", title=None, header=head)).resolve_scale(y="independent")


def _measure(place: Place, claim: str, metric: str) -> pd.Series:
    return place.published(f"""
        select * from marts.claim_measures
        where claim_id = '{claim}' and metric = '{metric}' and evaluation_date = {_ON_NIGHT}""").iloc[0]


PICTURES: dict[str, Callable[[Place], alt.TopLevelMixin]] = {
    function.__name__: function
    for function in (
        *(highs, streak_chance, correlation, methods, level_null, cointegration, match_null, lead_lag),
        *(long_bias, drawdowns, netflow, pattern_chance, projections, events),
    )
}
