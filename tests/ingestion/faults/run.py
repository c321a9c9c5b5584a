"""One cell: a night of one unit against a provider with one fault, and everything that came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from ingestion.collect import Dataset
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of
from tests.ingestion.faults.examples import NIGHT, Example
from tests.ingestion.faults.matrix import ELSEWHERE, LARGEST_BODY_BYTES, Fault
from tests.ingestion.faults.server import Provider

ATTEMPTS = 2
_RUN = Run("faults", NIGHT.day, NIGHT.as_of)
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Cell:
    """What became of one unit under one fault.

    `sent` counts the requests for what is broken, `pauses` are the waits between them in seconds. `rows` compares what
    was loaded with the undisturbed night: none, same, fewer (some left out), unknown (the same but for nulls), other.
    `caught_by` are the rules of the raw suites that are violated and were not before, and the coverage ledger's gaps.
    """

    dataset: str
    fault: str
    outcome: str
    status: int | None
    error: str | None
    sent: int
    pauses: tuple[float, ...]
    rows: str
    caught_by: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Outcome and rows in a word or two."""
        if self.outcome != "ok":
            return self.outcome if self.rows == "none" else f"{self.outcome}, {self.rows} rows"
        return f"ok, {self.rows} rows"


class Bench:
    """Runs the cells of one example: the undisturbed night first, to compare with."""

    def __init__(self, example: Example, provider: Provider, folder: Path) -> None:
        self._example = example
        self._provider = provider
        self._folder = folder
        provider.serve = lambda asked: example.answers[asked]
        with self._night(provider.url, seconds=20) as (connection, _):
            self._undisturbed = self._loaded(connection)
        if not any(self._undisturbed.values()):
            raise LookupError(f"the valid answer of {example.name} loads no row")

    @cached_property
    def _known(self) -> set[str]:
        """What is found wrong with one unit alone, without any fault: a suite expects a whole night."""
        self._provider.serve = lambda asked: self._example.answers[asked]
        with self._night(self._provider.url, seconds=20) as (connection, _):
            return self._caught(connection)

    def cell(self, fault: Fault) -> Cell:
        """The night with this fault."""
        self._provider.serve = fault.serve(self._example)
        self._provider.asked.clear()
        url = fault.url() if fault.url else self._provider.url
        with self._night(url, fault.seconds) as (connection, pauses):
            outcome, status, error = self._outcome(connection)
            loaded = self._loaded(connection)
            rows = _compared(loaded, self._undisturbed)
            changed = rows in ("fewer", "other") or outcome == "empty"
            caught = self._caught(connection) if changed else set()
        asked = list(self._provider.asked)
        new = caught - self._known if caught else caught
        if any(each.path == ELSEWHERE for each in asked):
            raise AssertionError(f"{self._example.name} followed a redirect")
        sent = asked.count(self._example.target)
        name = self._example.name
        return Cell(name, fault.name, outcome, status, error, sent, tuple(pauses), rows, tuple(sorted(new)))

    def cells(self, faults: Sequence[Fault]) -> list[Cell]:
        """A cell for each fault."""
        return [self.cell(fault) for fault in faults]

    @contextmanager
    def _night(self, url: str, seconds: float) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[float]]]:
        home = Home(home=self._folder / "home")
        shutil.rmtree(home.home, ignore_errors=True)
        home.prepare()
        pauses: list[float] = []
        urls = ProviderUrls(**{f"{self._example.dataset.source}_url": url})
        # One process shares an open file: the night and what reads it afterwards open it once.
        with closing(duckdb.connect(str(home.warehouse))) as connection:
            connection.execute("set threads = 1")  # some rows: more threads only wait for each other
            collect_night(home, NIGHT, [self._one_unit(seconds)], urls, lambda: NIGHT.as_of, sleep=pauses.append)
            connection.execute("set TimeZone = 'UTC'")
            yield connection, pauses

    def _one_unit(self, seconds: float) -> Dataset:
        dataset, request = self._example.dataset, self._example.request
        limits = replace(
            dataset.limits,
            per_second=1000,
            attempts=ATTEMPTS,
            connect_seconds=seconds,
            timeout_seconds=seconds,
            total_seconds=seconds,
            largest_body_bytes=LARGEST_BODY_BYTES,
        )
        return replace(
            dataset,
            plan=lambda _night, _known: [request],
            expects=lambda _night: [request.unit],
            limits=limits,
            after=(),
        )

    def _outcome(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, int | None, str | None]:
        """The outcome row of the unit: that of its last exchange. A listing has a row of its own."""
        found = connection.execute(
            "select outcome, status, error from meta.request_outcomes where source = ? and dataset = ? and unit = ?"
            " and (kind = 'listing') = ? order by batch_id desc, position desc limit 1",
            [*self._example.dataset.key, self._example.request.unit, self._example.is_about_listing],
        ).fetchone()
        if found is None:
            raise AssertionError(f"no outcome row of {self._example.name}")
        outcome, status, error = found
        return outcome, status, error

    def _loaded(self, connection: duckdb.DuckDBPyConnection) -> Rows:
        columns = "columns(* exclude (_batch_id, _known_at, _row_hash))::varchar"
        names = [parsed.table.name for parsed in self._example.dataset.tables]
        return {name: connection.execute(f"select {columns} from raw.{name} order by all").fetchall() for name in names}

    def _caught(self, connection: duckdb.DuckDBPyConnection) -> set[str]:
        """The rules of the raw suites that are violated, and `coverage` where its ledger has a gap of this dataset."""
        violated = {
            result.name
            for parsed in self._example.dataset.tables
            for result in validate(connection, suite_of("raw", parsed.table.name), _RUN).results
            if result.status == "violated"
        }
        gaps = connection.execute(
            "select symbol, first_day, last_day from meta.coverage_gaps where source = ? and dataset = ?",
            self._example.dataset.key,
        ).fetchall()
        return violated | {f"coverage: {symbol} from {first} to {last}" for symbol, first, last in gaps}


def _compared(loaded: Rows, undisturbed: Rows) -> str:
    """How loaded rows compare with those of an undisturbed night."""
    if loaded == undisturbed:
        return "same"
    if not any(loaded.values()):
        return "none"
    if all(set(rows) <= set(undisturbed[name]) for name, rows in loaded.items()):
        return "fewer"
    same_but_null = all(
        len(rows) == len(undisturbed[name])
        and all(_is_same_but_null(*pair) for pair in zip(rows, undisturbed[name], strict=True))
        for name, rows in loaded.items()
    )
    return "unknown" if same_but_null else "other"


def _is_same_but_null(row: tuple[Any, ...], undisturbed: tuple[Any, ...]) -> bool:
    return all(value is None or value == before for value, before in zip(row, undisturbed, strict=True))
