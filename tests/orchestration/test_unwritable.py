"""A home that cannot be written, and a disk that ends: one line, and what was there is still there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.catalogue import RAW_TABLES
from ingestion.collect import replay
from ingestion.errors import RotationError
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock
from orchestration.nights import Vintage
from orchestration.publication import publish_home, roll_back_home
from orchestration.run import run_night
from orchestration.status import tables

NIGHT = Night(date(2026, 1, 16))
NOBODY = 65534
VINTAGE = Vintage(NIGHT, datetime(2026, 1, 17, 10, 30, tzinfo=UTC))


@pytest.fixture
def home() -> Iterator[Home]:
    """A home of somebody else: this user may read it and not write it. Root may write everything, so it is nobody."""
    folder = Path(tempfile.mkdtemp())
    place = Home(home=folder)
    place.prepare()
    with duckdb.connect(str(place.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield place
    finally:
        if is_root:
            os.seteuid(0)
        for path in everything:
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda home: run_night(home, NIGHT), id="a night"),
        pytest.param(lambda home: replay(home, []), id="replay"),
        pytest.param(lambda home: publish_home(home, VINTAGE, "command"), id="publish"),
        pytest.param(lambda home: roll_back_home(home, None, "command"), id="roll back"),
        pytest.param(lambda home: writer_lock(home.home, "deciding").__enter__(), id="release from quarantine"),
    ],
)
def test_a_home_that_cannot_be_written_is_one_line_that_says_what_to_do(
    home: Home, use: Callable[[Home], object]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.home.rglob("*")}
    with pytest.raises(RotationError, match=r"^the home [^\n]* cannot be written \(Permission denied\): [^\n]*$"):
        use(home)
    assert {path: path.stat().st_mtime_ns for path in home.home.rglob("*")} == before


def test_a_home_that_cannot_be_written_can_be_looked_at(home: Home) -> None:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert list(tables(connection)) == []  # no night was here


FILL = """
import resource, sys
from pathlib import Path
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from ingestion.catalogue import every_dataset
from ingestion.answers import answer
from ingestion.collect import Store
from ingestion.errors import RotationError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.settings import Home
from ingestion.warehouse.raw import content_hash
import duckdb

FRED = next(dataset for dataset in every_dataset() if dataset.source == "fred")
NIGHT = Night(date(2026, 1, 16))

place, limit = Home(home=Path(sys.argv[1])), int(sys.argv[2])
rows = "".join(f"{date(1990, 1, 1) + timedelta(days=day)},{1000 + day / 7}\\n" for day in range(12_000))
known = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
exchange = Exchange(Request("SP500", "/"), Outcome.OK, known, 200, {}, ("observation_date,SP500\\n" + rows).encode())
place.prepare()
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with closing(Store(place, [FRED])) as store:
        store.load_landed()
        if not store.known(FRED, NIGHT, known).settled:
            store.add(FRED, NIGHT, [answer(FRED, exchange)])
except RotationError as error:
    sys.exit(str(error))
with duckdb.connect(str(place.warehouse), read_only=True) as connection:
    print(content_hash(connection, "fred_closes"))
"""


def filled(home: Path, limit: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", FILL, str(home), str(limit)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("limit", [60_000, 300_000])
def test_a_disk_that_ends_is_one_line_and_the_next_run_ends_as_if_nothing_had_been(tmp_path: Path, limit: int) -> None:
    """A limit on the size of files stands in for a disk that ends."""
    refused = filled(tmp_path / "full", limit)
    assert refused.returncode == 1
    assert "free the disk, or close what holds the file, and run the night again" in refused.stderr
    assert refused.stderr.count("\n") == 1
    again = filled(tmp_path / "full", 0)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("12000:")
    assert not list((tmp_path / "full").rglob("*.writing"))


RECORD = """
import resource, sys
from pathlib import Path
import dagster as dg
from ingestion.errors import RotationError
from ingestion.night import Night
from ingestion.settings import Home
from orchestration.run import prepare_instance, run_night

home, limit = Home(home=Path(sys.argv[1])), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        run_night(home, Night.parse("2026-01-16"))
    except RotationError as error:
        sys.exit(str(error))
prepare_instance(home)
with dg.DagsterInstance.get() as instance:
    print(instance.get_runs())
"""


def test_a_disk_that_ends_while_dagster_writes_its_record_is_one_line_and_the_record_goes_on(tmp_path: Path) -> None:
    def recorded(limit: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", RECORD, str(tmp_path), str(limit)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = recorded(60_000)
    assert refused.returncode == 1
    assert (
        f"Dagster's record in {tmp_path / 'dagster'} cannot be written (disk I/O error): free the disk"
        in refused.stderr
    )
    assert refused.stderr.count("\n") == 1
    again = recorded(0)
    assert (again.returncode, again.stdout) == (0, "[]\n"), again.stderr


WHOLE = (
    "the warehouse {home}/warehouse.duckdb cannot be used (TransactionContext Error: Failed to commit: Could not write "
    'file "{home}/warehouse.duckdb.wal": File too large): free the disk, or close what holds the file, and run the '
    "night again"
)
STEP = """
import os, resource, sys
from pathlib import Path
os.environ["ROTATION_HOME"] = sys.argv[1]
import dagster as dg, duckdb
from ingestion.catalogue import RAW_TABLES
from ingestion.settings import Home
from ingestion.warehouse import raw
from orchestration.gates import gates
from orchestration.layers import layer_assets
from orchestration.run import first_line
from orchestration.run_lock import WRITER, writer
from orchestration.transform import Dbt

home, step, limits = Home(home=Path(sys.argv[1])), sys.argv[2], sys.argv[3:]
manifest = Dbt(home).manifest()
wanted = dg.AssetSelection.assets(["staging", "stg_okx__ratios"]) | dg.AssetSelection.groups("seeds")
if step == "gate":
    wanted = dg.AssetSelection.checks_for_assets(*(dg.AssetKey(["raw", table.name]) for table in RAW_TABLES))
job = dg.Definitions(
    assets=[layer_assets(manifest, "staging")], asset_checks=gates()[:1], resources={WRITER: writer},
    jobs=[dg.define_asset_job("step", wanted, executor_def=dg.in_process_executor)]).resolve_job_def("step")
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in limits:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit) or most, most))
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    told = [first_line(event.step_failure_data.error) for event in result.all_events if event.is_step_failure]
    print("told:", *told)
"""


@pytest.mark.parametrize(
    ("step", "limits", "told", "count"),
    [
        pytest.param(
            "dbt",
            [40_000, 0, 40_000, 0],
            ["dbt cannot write {home}/dbt ([Errno 27] File too large): free the disk, and run the night again", WHOLE],
            "select count(*) from seeds.coins",
            id="dbt",
        ),
        pytest.param(
            "gate", [40_000, 0], [WHOLE], "select count(distinct table_name) from meta.validation_results", id="gate"
        ),
    ],
)
def test_a_disk_that_ends_within_a_step_is_one_line_and_the_next_run_ends_well(
    tmp_path: Path, step: str, limits: list[int], told: list[str], count: str
) -> None:
    """Of dbt first its own files, then the warehouse: the project is parsed once for a night."""
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
        connection.execute(
            """insert into meta.request_outcomes by name
            select 1 as batch_id, 'fred' as source, 'closes' as dataset, date '2026-01-16' as night, 'SP500' as unit,
                'unit' as kind, 'empty' as outcome, '' as body_sha256, 0 as position,
                timestamptz '2026-01-17 10:30:00+00' as fetched_at"""
        )
    command = [sys.executable, "-c", STEP, str(tmp_path), step, *map(str, limits)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in ended.stdout.splitlines() if line.startswith("told:")]
    assert [line.removeprefix("told: ") for line in lines if line != "told:"] == [
        text.format(home=tmp_path) for text in told
    ]
    assert len(lines) == len(limits)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.sql(count).fetchall()[0][0] > 30
