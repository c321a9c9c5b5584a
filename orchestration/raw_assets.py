"""The raw tables as Dagster assets: one definition, because one night asks all providers at once and loads in turn.

Belongs here: which datasets a selection of assets means, and what is shown of what came. How a provider is asked
belongs to ingestion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
from ingestion.catalogue import Dataset, datasets
from ingestion.nightly import collect_night

from ingestion.collect import Collected
from ingestion.errors import RotationError
from ingestion.exchange import COMPLETE, Outcome
from ingestion.night import Night
from ingestion.settings import Home
from orchestration import progress
from orchestration.layers import OWNERS
from orchestration.market import LIVE, Kind, Market, claim, market_of, providers
from orchestration.nights import NIGHTS, refuse_going_back

ANSWERED = "every_request_answered"
_ALL = datasets(opted_in=True)
_DATASETS_OF_TABLE = {parsed.table.name: dataset for dataset in _ALL for parsed in dataset.tables}


def _spec(dataset: Dataset, table: str, columns: dict[str, str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["raw", table],
        group_name="raw",
        kinds={"python", "duckdb", dataset.source},
        owners=OWNERS,
        description=dataset.description,
        metadata={
            "dagster/column_schema": dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()])
        },
    )


@dg.multi_asset(
    name="ingest",
    specs=[_spec(dataset, p.table.name, p.table.columns) for dataset in _ALL for p in dataset.tables],
    check_specs=[
        dg.AssetCheckSpec(
            ANSWERED,
            asset=["raw", table],
            description="Every request of the night has an answer: data, or surely none.",
        )
        for table in _DATASETS_OF_TABLE
    ],
    can_subset=True,
    partitions_def=NIGHTS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
)
def ingest(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Ask every provider for the night's missing units, land the answers, load them."""
    wanted = {key.path[-1] for key in context.selected_asset_keys}
    chosen = [dataset for dataset in _ALL if wanted & {parsed.table.name for parsed in dataset.tables}]
    nights = [Night.parse(day) for day in context.partition_keys]
    collected = [found for night in nights for found in collect(Home(), night, chosen)]
    for table in sorted(wanted):
        mine = [found for found in collected if found.dataset == _DATASETS_OF_TABLE[table].name]
        yield _materialised(table, mine)
        key = dg.AssetKey(["raw", table])
        if dg.AssetCheckKey(key, ANSWERED) in context.selected_asset_check_keys:
            yield _answered(key, mine)


def collect(home: Home, night: Night, chosen: Sequence[Dataset]) -> list[Collected]:
    """One night of the chosen datasets into this home, from the market the home is marked with."""
    market = market_of(home) or LIVE
    claim(home, market)
    if market.kind is not Kind.LIVE:
        refuse_going_back(home, night)
    elif night > Night.latest(datetime.now(UTC)):
        raise RotationError(f"the night of {night.day} has not closed yet: choose an earlier day")
    with providers(market, night) as urls:
        found = collect_night(home, night, chosen, urls, _clock(market, night), progress.say)
    if found and all(_unreachable(each) for each in found):
        raise RotationError(
            f"no provider could be reached for the night of {night.day}: check the network, then run the night again; "
            "what was collected before is untouched"
        )
    return found


def _clock(market: Market, night: Night) -> Callable[[], datetime]:
    """A sandbox night happens when it would have: its answers are known at the night's own moment."""
    if market.kind is Kind.LIVE:
        return lambda: datetime.now(UTC)
    return lambda: night.as_of


def _unreachable(found: Collected) -> bool:
    return not found.skipped and set(found.outcomes) == {Outcome.UNREACHABLE}


def _materialised(table: str, found: list[Collected]) -> dg.MaterializeResult:
    outcomes = {outcome: sum(each.outcomes.get(outcome, 0) for each in found) for outcome in Outcome}
    return dg.MaterializeResult(
        asset_key=dg.AssetKey(["raw", table]),
        metadata={
            "rows_added": sum(each.rows_added for each in found),
            "units_complete_before": sum(each.skipped for each in found),
            **{f"answers_{outcome.value}": count for outcome, count in outcomes.items() if count},
        },
    )


def _answered(key: dg.AssetKey, found: list[Collected]) -> dg.AssetCheckResult:
    open_units = sum(count for each in found for outcome, count in each.outcomes.items() if outcome not in COMPLETE)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=ANSWERED,
        passed=not open_units,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{open_units} requests have no answer yet; 'rotation status' lists them" if open_units else None,
    )
