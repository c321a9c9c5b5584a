"""The raw tables as Dagster assets: one definition, because one night asks all providers at once and loads in turn.

Belongs here: which datasets a selection of assets means, and what is shown of what came. How a provider is asked
belongs to ingestion.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.asking import Clock
from ingestion.backfill import collect_window
from ingestion.catalogue import (
    RAW_TABLES,
    datasets,
    dropped_datasets,
    entry,
    every_dataset,
    lacks_key,
    sandbox_datasets,
    why_off,
)
from ingestion.collect import Collected, Dataset
from ingestion.errors import RotationError
from ingestion.exchange import COMPLETE, Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night, utc_now
from ingestion.sandbox.server import SERVED
from ingestion.settings import Home, Switches
from ingestion.sources.inbox.folder import collected, take_inbox
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.layers import OWNERS
from orchestration.market import LIVE, Kind, Market, claim, market_of, providers
from orchestration.nights import NIGHTS, RANGE_START, newest_night, refuse_going_back
from orchestration.run_lock import WRITER

ANSWERED = "every_request_answered"
_DATASET_OF_TABLE = {parsed.table.name: dataset for dataset in every_dataset() for parsed in dataset.tables}


def _spec(table: raw.RawTable) -> dg.AssetSpec:
    dataset = _DATASET_OF_TABLE[table.name]
    about = entry(dataset.source, dataset.name)
    columns = [
        dg.TableColumn(
            name,
            column.type,
            f"{column.meaning} In {column.unit}." if column.unit else column.meaning,
            dg.TableColumnConstraints(nullable=not column.required, unique=False),
        )
        for name, column in table.described.items()
    ]
    return dg.AssetSpec(
        ["raw", table.name],
        group_name="raw",
        kinds={"python", "duckdb"},
        tags={"provider": dataset.source},
        owners=OWNERS,
        description=f"{dataset.source}, {dataset.name}: {about.expected_coverage}. Licence: {about.licence}.",
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"warehouse.raw.{table.name}",
            "key": ", ".join(table.key),
        },
    )


@dg.multi_asset(
    name="ingest",
    specs=[_spec(table) for table in RAW_TABLES],
    check_specs=[
        dg.AssetCheckSpec(ANSWERED, asset=["raw", table.name], description="Every request of the night has an answer.")
        for table in RAW_TABLES
    ],
    can_subset=True,
    partitions_def=NIGHTS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
    required_resource_keys={WRITER},
)
def ingest(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Ask every provider for the night's missing units, land the answers, load them."""
    tables = {key.path[-1] for key in context.selected_asset_keys}
    chosen = {_DATASET_OF_TABLE[table].key for table in tables}
    found = collect(Home(), [Night.parse(day) for day in context.partition_keys], chosen, _is_window(context))
    for table in sorted(tables):
        mine = [each for each in found if (each.source, each.dataset) == _DATASET_OF_TABLE[table].key]
        key = dg.AssetKey(["raw", table])
        yield _materialised(key, mine, None if mine else _why_off(Home(), _DATASET_OF_TABLE[table]))
        if dg.AssetCheckKey(key, ANSWERED) in context.selected_asset_check_keys:
            yield _answered(key, mine)


def _is_window(context: dg.AssetExecutionContext) -> bool:
    """A run over a range of partitions is a backfill: of one day too, which is less than the night of that day."""
    return RANGE_START in context.run.tags


def collect(
    home: Home, nights: Sequence[Night], chosen: Collection[tuple[str, str]], is_window: bool
) -> list[Collected]:
    """One night, or a window of days, of the chosen datasets into this home, from the market it is marked with."""
    market, night = market_of(home) or LIVE, max(nights)
    claim(home, market)
    if market.kind is Kind.LIVE and night > Night.latest(datetime.now(UTC)):
        raise RotationError(f"the night of {night.day} has not closed yet: choose an earlier day")
    if market.kind is not Kind.LIVE and not is_window:
        refuse_going_back(home, night)
    # What is fetched of the past today is known from today on: a sandbox serves a window as of the home's newest night.
    seen_from = max(night, newest_night(home) or night)
    with writer_lock(home.home, f"collecting the night of {night.day}"), providers(market, seen_from) as urls:
        # Every table exists from the first night on: a model over a provider that gave nothing finds an empty one.
        with duckdb.connect(str(home.warehouse)) as connection:
            raw.prepare(connection, RAW_TABLES)
        wanted = [dataset for dataset in _switched_on(market) if dataset.key in chosen]
        clock = _clock(market, seen_from)
        if is_window:
            found = collect_window(home, min(nights), night, wanted, urls, clock, _tell)
        else:
            found = collect_night(home, night, wanted, urls, clock, _tell)
        brought = _read_inbox(home, night, chosen, clock())
    if not any(each.requests for each in brought):  # who brings files needs no network
        _refuse_silence(night, wanted, found)
    return found + brought


def _refuse_silence(night: Night, wanted: Sequence[Dataset], found: Sequence[Collected]) -> None:
    """Raises `RotationError` where every provider was asked in vain and nothing of the night was there before.

    What is read of this machine is no answer of anybody.
    """
    here = {dataset.key for dataset in wanted if dataset.local is not None}
    of_providers = [each for each in found if (each.source, each.dataset) not in here]
    asked = [each for each in of_providers if each.outcomes]
    if asked and not any(each.skipped for each in of_providers) and all(_unreachable(each) for each in asked):
        raise RotationError(
            f"no provider could be reached for the night of {night.day}: check the network and the ROTATION_*_URL "
            "settings ('rotation doctor' tells who answers), then run the night again; what was collected before is "
            "untouched"
        )


def _read_inbox(home: Home, night: Night, chosen: Collection[tuple[str, str]], moment: datetime) -> list[Collected]:
    """What people dropped, told apart from what was asked."""
    wanted = [dataset for dataset in dropped_datasets() if dataset.key in chosen]
    taken = take_inbox(home, night, dropped_datasets(), moment) if wanted else []
    for file in taken:
        said = f"rejected: {file.reason}" if file.reason else f"{file.rows} rows for {file.dataset}"
        progress.say(f"inbox {file.name}, {said}")
    return [collected(taken, dataset.name) for dataset in wanted]


def _switched_on(market: Market) -> Sequence[Dataset]:
    """A sandbox offers everything it imitates but what needs a key; live, what needs a decision waits for it too."""
    if market.kind is Kind.LIVE:
        return datasets(Switches().enabled)
    served = [dataset for dataset in sandbox_datasets() if dataset.source in SERVED or dataset.local is not None]
    return [dataset for dataset in served if not lacks_key(entry(*dataset.key))]


def _why_off(home: Home, dataset: Dataset) -> str:
    """Why nothing was asked, and what would switch it on."""
    market, about = market_of(home) or LIVE, entry(*dataset.key)
    if market.kind is not Kind.LIVE and not lacks_key(about):
        return "the sandbox does not imitate this provider"
    return why_off(about, Switches().enabled) or ""


def _clock(market: Market, night: Night) -> Clock:
    """A sandbox night happens when it would have: its answers are known at the night's own moment."""
    return utc_now if market.kind is Kind.LIVE else lambda: night.as_of


def _tell(dataset: Dataset, done: int, total: int) -> None:
    progress.say(f"{dataset.source} {dataset.name}", done, total)


def _unreachable(found: Collected) -> bool:
    return set(found.outcomes) == {Outcome.UNREACHABLE}


def _materialised(key: dg.AssetKey, found: list[Collected], off: str | None) -> dg.MaterializeResult[None]:
    outcomes = {outcome: sum(each.outcomes.get(outcome, 0) for each in found) for outcome in Outcome}
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "switched_on": bool(found),
            **({"switched_off_because": off} if off else {}),
            "rows_added": sum(each.rows_added for each in found),
            "requests": sum(each.requests for each in found),
            "units_complete_before": sum(each.skipped for each in found),
            **{f"units_{outcome.value}": count for outcome, count in outcomes.items() if count},
        },
    )


def _answered(key: dg.AssetKey, found: list[Collected]) -> dg.AssetCheckResult:
    unanswered = sum(count for each in found for outcome, count in each.outcomes.items() if outcome not in COMPLETE)
    errors = [f"{each.source} {each.dataset}: {each.error}" for each in found if each.error]
    problems = ([f"{unanswered} units have no answer yet; 'rotation status' lists them"] if unanswered else []) + errors
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=ANSWERED,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(problems) or None,
    )
