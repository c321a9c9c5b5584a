"""How the datasets of a night are asked: of their providers, each at one pace, or of this machine.

Belongs here: who sends a request. What is asked and when belongs to `ingestion.nightly` and the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from ingestion.breaker import Breaker, Line
from ingestion.collect import Dataset, Send
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import HttpClient, Limits
from ingestion.settings import Home, ProviderUrls, requests_per_second

Clock = Callable[[], datetime]
Sleep = Callable[[float], object]


def sender(clients: Mapping[tuple[str, Limits], HttpClient], home: Home, clock: Clock, dataset: Dataset) -> Send:
    """What sends the requests of a dataset."""
    if dataset.local is not None:
        return partial(_read_here, dataset.local, home, clock)
    return partial(clients[dataset.source, dataset.limits].send, judge=dataset.judge)


def _read_here(read: Callable[[Home, Request], bytes], home: Home, clock: Clock, request: Request) -> Exchange:
    """A file of this machine as an answer: it is landed, parsed and kept like one."""
    try:
        return Exchange(request, Outcome.OK, clock(), body=read(home, request))
    except OSError as error:
        problem = f"{request.path} cannot be read: {error.strerror}"
        return Exchange(request, Outcome.UNREACHABLE, clock(), error=problem)


def provider_clients(
    datasets: Sequence[Dataset], urls: ProviderUrls, clock: Clock, sleep: Sleep
) -> dict[tuple[str, Limits], HttpClient]:
    """Datasets of one provider with the same limits share a client and so a pace; all of them share its breaker.

    All providers share the line that leads to them."""
    clients: dict[tuple[str, Limits], HttpClient] = {}
    breakers: dict[str, Breaker] = {}
    line = Line()
    for dataset in datasets:
        source, limits = dataset.source, dataset.limits
        if dataset.local is None and (source, limits) not in clients:
            workers = max(other.workers for other in datasets if other.source == source)
            clients[source, limits] = HttpClient(
                getattr(urls, f"{source}_url"),
                replace(limits, per_second=requests_per_second(source, limits.per_second)),
                workers=workers,
                secret_headers=dataset.headers(),
                breaker=breakers.setdefault(source, Breaker(limits.refusals, limits.failures * workers, source, line)),
                clock=clock,
                sleep=sleep,
            )
    return clients
