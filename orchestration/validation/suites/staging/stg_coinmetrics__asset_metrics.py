"""Daily asset metrics, one row per asset, date and metric."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, measured, never

SUITE = suite(
    "staging",
    "stg_coinmetrics__asset_metrics",
    TouchedBy("coinmetrics_asset_metrics", column="date", raw_column="date"),
    (
        never("asset_not_lower_case", "asset <> lower(asset)", why="assets are joined in lower case"),
        measured(
            "days_whose_reserve_did_not_change_by_the_netflow",
            """
            select avg((abs(gained - netflow) > 0.05 * gross)::int) from (
                select value - lag(value) over days as gained, netflow, gross
                from (
                    select asset, date,
                        max(value) filter (metric = 'SplyExNtv') as value,
                        max(value) filter (metric = 'FlowInExNtv')
                            - max(value) filter (metric = 'FlowOutExNtv') as netflow,
                        max(value) filter (metric in ('FlowInExNtv', 'FlowOutExNtv')) as gross
                    from {table} where date > {night} - 60 group by asset, date)
                window days as (partition by asset order by date))
            where gross > 0""",
            None,
            0.1,
            why="netflow is the change of the reserve; where it is not, one of the two was restated without the other",
        ),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
