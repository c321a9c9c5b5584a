"""One night: providers are asked in parallel, their answers are landed and loaded in turn.

A thread per provider goes through its datasets in order and plans each one on what is loaded by then; a dataset that
stands in for others waits until those are loaded. `workers` threads inside it ask. Finished units come to the caller's
thread in chunks, the only one that writes. A provider that fails stops nobody else; a home that cannot be written stops
everybody.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import chain, groupby
from threading import Event, Thread

from ingestion.answers import Answer, answer, unread
from ingestion.asking import Clock, Sleep, provider_clients, sender
from ingestion.chunk import Asked, read
from ingestion.collect import (
    Brought,
    Collected,
    Dataset,
    Known,
    Send,
    Store,
    brought_by,
)
from ingestion.errors import BadPayloadError
from ingestion.exchange import COMPLETE, Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.ordered import in_order
from ingestion.redaction import redacted
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse.lock import writer_lock

Progress = Callable[[Dataset, int, int], None]
Connect = Callable[[Dataset], Send]
_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of a live night."""
    return datetime.now(UTC)


def collect_night(  # noqa: PLR0917 - the four that name a night, then what a caller may watch or replace
    home: Home,
    night: Night,
    datasets: Sequence[Dataset],
    urls: ProviderUrls,
    clock: Clock = utc_now,
    progress: Progress | None = None,
    sleep: Sleep | None = None,
) -> list[Collected]:
    """Ask every provider for what this night is still missing, land every answer, load it; in the order of `datasets`.

    `progress(dataset, done, total)` is called from the provider's thread. Started again after a crash it first
    loads what was landed and not loaded, then asks for the rest only. A night that is stopped does not sit out the
    pauses between two attempts.
    """
    stop = Event()
    clients = provider_clients(datasets, urls, clock, sleep or stop.wait)
    try:
        return run_night(
            home,
            night,
            datasets,
            partial(sender, clients, home, clock),
            clock=clock,
            progress=progress,
            stop=stop,
        )
    finally:
        for client in clients.values():
            client.close()


def run_night(
    home: Home,
    night: Night,
    datasets: Sequence[Dataset],
    connect: Connect,
    *,
    clock: Clock = utc_now,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> list[Collected]:
    """`collect_night` with whatever `connect` gives to send requests with; setting `stop` ends it early."""
    _refuse_circles(datasets)
    home.prepare()
    with writer_lock(home.home, f"collecting the night of {night.day}"), closing(Store(home, datasets)) as store:
        store.load_landed()
        chunks: queue.Queue[_Chunk | None] = queue.Queue(maxsize=2)
        stop = stop or Event()
        loaded = {dataset.key: Event() for dataset in datasets}
        run = _Run(night, store, connect, clock, progress or _silent, chunks, stop, loaded)
        by_provider = groupby(sorted(datasets, key=lambda dataset: dataset.source), key=lambda dataset: dataset.source)
        providers = [_Provider(run, list(own)) for _, own in by_provider]
        try:
            for provider in providers:
                provider.start()
            _write_until_done(store, night, chunks, len(providers))
        finally:
            stop.set()
            _drain(chunks, providers)
        store.assess_coverage(night)
        found = {collected.key: collected.result for provider in providers for collected in provider.collected}
    return [found[dataset.key] for dataset in datasets]


@dataclass
class _Chunk:
    """Finished units on their way to the writer; `added` tells their provider that they are loaded."""

    dataset: Dataset
    brought: Brought
    added: Future[int]


@dataclass(frozen=True)
class _Run:
    """What all providers of one night share."""

    night: Night
    store: Store
    connect: Connect
    clock: Clock
    progress: Progress
    chunks: queue.Queue[_Chunk | None]
    stop: Event
    loaded: Mapping[tuple[str, str], Event]


@dataclass(frozen=True)
class _Result:
    key: tuple[str, str]
    result: Collected


class _StoppedError(Exception):
    """The night was stopped by somebody else's failure."""


class _Provider(Thread):
    """Asks one provider; its last word to the writer is None."""

    def __init__(self, run: _Run, datasets: list[Dataset]) -> None:
        super().__init__(name=f"collect-{datasets[0].source}", daemon=True)
        self._run = run
        self._datasets = datasets
        self.collected: list[_Result] = []

    def run(self) -> None:
        try:
            for dataset in self._datasets:
                self.collected.append(_Result(dataset.key, self._collected(dataset)))
                self._run.loaded[dataset.key].set()
        finally:
            for dataset in self._datasets:  # whoever waits for this provider goes on, also when it failed
                self._run.loaded[dataset.key].set()
            self._run.chunks.put(None)

    def _collected(self, dataset: Dataset) -> Collected:
        result = Collected(dataset.source, dataset.name)
        try:
            self._wait_for((*dataset.needs, *dataset.after))
            return self._collect(dataset)
        except _StoppedError:
            return replace(result, error="the night was stopped")
        except Exception as error:  # a fault in one source must not cost the night of the others
            _log.exception("%s/%s failed", dataset.source, dataset.name)
            return replace(result, error=redacted(f"{type(error).__name__}: {error}"))

    def _wait_for(self, others: Sequence[tuple[str, str]]) -> None:
        """Return once every dataset of this night among `others` is loaded, whatever became of it."""
        for loaded in (self._run.loaded[key] for key in others if key in self._run.loaded):
            while not loaded.wait(timeout=0.2):
                if self._run.stop.is_set():
                    raise _StoppedError

    def _collect(self, dataset: Dataset) -> Collected:
        run = self._run
        known = run.store.known(dataset, run.night, run.clock())
        planned = dataset.plan(run.night, known)
        wanted = [request for request in planned if request.unit not in known.settled]
        outcomes: Counter[Outcome] = Counter()
        loads: list[Future[Future[int]]] = []
        requests = 0
        run.progress(dataset, 0, len(wanted))
        for done, count in enumerate(self._units(dataset, wanted, known, loads, outcomes), start=1):
            requests += count
            run.progress(dataset, done, len(wanted))
        added = sum(load.result().result() for load in loads)
        return Collected(dataset.source, dataset.name, len(planned) - len(wanted), dict(outcomes), requests, added)

    def _units(
        self,
        dataset: Dataset,
        wanted: list[Request],
        known: Known,
        loads: list[Future[Future[int]]],
        outcomes: Counter[Outcome],
    ) -> Iterator[int]:
        """The answers to each unit, counted as it is finished; full chunks go to the writer, the rest at the end.

        They come in the order of the requests: that makes landing repeatable.
        One more thread reads what has come while more is asked for, and one makes a full chunk ready; the next one
        waits for it, so that no more than two are in memory beside what the writer holds.
        """
        send = self._run.connect(dataset)
        chunk = Asked()
        with (
            ThreadPoolExecutor(1, thread_name_prefix=f"{self.name}-reads") as reader,
            ThreadPoolExecutor(1, thread_name_prefix=f"{self.name}-hands-over") as hander,
            ThreadPoolExecutor(dataset.workers, thread_name_prefix=self.name) as pool,
        ):
            for unit in in_order(pool, partial(self._ask, dataset, send, known), wanted, 4 * dataset.workers):
                chunk.add(unit, lambda answers: reader.submit(read, dataset, answers))
                yield len(unit)
                if chunk.is_full:
                    if loads:
                        loads[-1].result()
                    loads.append(hander.submit(self._hand_over, dataset, chunk, outcomes))
                    chunk = Asked()
            if chunk.ends:
                loads.append(hander.submit(self._hand_over, dataset, chunk, outcomes))

    def _ask(self, dataset: Dataset, send: Send, known: Known, request: Request) -> list[Answer]:
        if self._run.stop.is_set():
            raise _StoppedError
        answers: list[Answer] = []
        sent: list[Exchange] = []

        def keeping(asked: Request) -> Exchange:
            sent[:] = [send(asked)]
            return sent[0]

        try:
            for exchange in dataset.fetch(request, keeping, known):
                answers.append(Answer(exchange) if dataset.parse_together else answer(dataset, exchange))
                sent.clear()
                if exchange.carries_rows and answers[-1].exchange.outcome not in COMPLETE:
                    break  # the fetch took it for good: what follows would complete a unit that lacks this answer
            if not answers:
                raise ValueError("the source asked nothing")  # noqa: TRY301 - a fault like any other here
        except BadPayloadError as error:  # the fetch itself could not read an answer, which is landed like any other
            answers.append(Answer(self._failed(request, sent, str(error))))
        except Exception as error:  # our own fault: the request still gets its outcome, and the rest goes on
            _log.exception("asking %s/%s for %s failed", dataset.source, dataset.name, request.unit)
            problem = f"asking failed: {type(error).__name__} {error}"
            answers.append(Answer(self._failed(request, sent, problem)))
        return answers

    def _failed(self, request: Request, sent: Sequence[Exchange], problem: str) -> Exchange:
        """The outcome of a unit whose fetch broke off: over the answer it broke at, where there is one."""
        at = sent[0] if sent else Exchange(request, Outcome.BAD_PAYLOAD, self._run.clock())
        return replace(at, outcome=Outcome.BAD_PAYLOAD, error=redacted(problem))

    def _hand_over(self, dataset: Dataset, asked: Asked, outcomes: Counter[Outcome]) -> Future[int]:
        answers = [*chain.from_iterable(part.result() for part in asked.read), *read(dataset, asked.waiting)]
        try:
            brought = brought_by(dataset, answers)
        except Exception as error:  # our own fault: what was answered must land all the same
            _log.exception("the rows of %s/%s cannot be made ready", dataset.source, dataset.name)
            answers = [unread(each.exchange, error) if each.rows else each for each in answers]
            brought = brought_by(dataset, answers)
        outcomes.update(answers[end - 1].exchange.outcome for end in asked.ends)
        chunk = _Chunk(dataset, brought, Future())
        while not self._run.stop.is_set():
            try:
                self._run.chunks.put(chunk, timeout=0.2)
            except queue.Full:
                continue
            return chunk.added
        raise _StoppedError


def _refuse_circles(datasets: Sequence[Dataset]) -> None:
    """Raises `ValueError` for datasets that would wait for each other for ever; a provider asks its own in order."""
    before: dict[tuple[str, str], set[tuple[str, str]]] = {}
    last: dict[str, tuple[str, str]] = {}
    for dataset in datasets:
        own = {last[dataset.source]} if dataset.source in last else set()
        before[dataset.key] = {*dataset.needs, *dataset.after} | own
        last[dataset.source] = dataset.key
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle = " → ".join("/".join(key) for key in error.args[1])
        raise ValueError(f"these datasets wait for each other, correct `gaps_of` in the catalogue: {circle}") from error


def _write_until_done(store: Store, night: Night, chunks: queue.Queue[_Chunk | None], providers: int) -> None:
    while providers:
        chunk = chunks.get()
        if chunk is None:
            providers -= 1
            continue
        try:
            chunk.added.set_result(store.add_brought(chunk.dataset, night, chunk.brought))
        except BaseException:
            chunk.added.cancel()
            raise


def _drain(chunks: queue.Queue[_Chunk | None], providers: Sequence[Thread]) -> None:
    """Let every provider end: nobody may wait for a writer that is gone."""
    while any(provider.is_alive() for provider in providers):
        try:
            chunk = chunks.get(timeout=0.05)
        except queue.Empty:
            continue
        if chunk is not None:
            chunk.added.cancel()


def _silent(_dataset: Dataset, _done: int, _total: int) -> None:
    """Say nothing."""
