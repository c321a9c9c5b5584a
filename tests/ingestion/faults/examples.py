"""Valid answers: one complete unit of every dataset, recorded from the sandbox through the dataset's own fetch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from ingestion import catalogue
from ingestion.answers import answer
from ingestion.collect import Dataset, Known, Store
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import HttpClient
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.generator import Size, generate
from ingestion.sandbox.server import serve, urls
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse import raw
from tests.ingestion.faults import bodies
from tests.ingestion.faults.documented import DOCUMENTED
from tests.ingestion.faults.server import Asked, Reply, Serve, provider

NIGHT = Night(date(2026, 1, 16))
# Some days of ratios are old enough for a listing.
_MARKET = Size(
    first_day=date(2025, 6, 2), filler_coins=30, perpetuals=3, ratio_days=25, tokens=4, transfer_days=80
)  # fmt: skip
LISTING = ", its listing"
_TRIED, _EARLIER_UNITS = 600, 2
_MOST_ROWS = 288  # a day of five minutes: more rows would only make the matrix slower


@dataclass(frozen=True)
class Example:
    """One unit of a dataset that a provider answers as it should.

    `target` is the request whose answer a fault changes, `data_request` the same as the dataset's parser sees it. A
    `listing` vouches for the data without being any.
    """

    dataset: Dataset
    request: Request
    answers: Mapping[Asked, Reply]
    target: Asked
    data_request: Request
    listing: Asked | None = None

    @property
    def name(self) -> str:
        return "/".join(self.dataset.key) + (LISTING if self.is_about_listing else "")

    @property
    def is_about_listing(self) -> bool:
        return self.target == self.listing

    @property
    def of_listing(self) -> Example | None:
        """The same unit with its faults in the listing; None where there is none."""
        return None if self.listing is None else replace(self, target=self.listing)

    @property
    def valid(self) -> Reply:
        return self.answers[self.target]


@contextmanager
def keys_of(rows: tuple[Entry, ...]) -> Iterator[None]:
    """Keys in the environment for the providers that need one."""
    names = {f"{row.provider.upper()}_API_KEY" for row in rows if row.key} - set(os.environ)
    os.environ.update(dict.fromkeys(names, "a-key-of-the-matrix"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


def asked_datasets() -> list[Dataset]:
    """Every dataset that a provider is asked for: all of the catalogue but what lies on this machine."""
    dropped = {dataset.key for dataset in catalogue.dropped_datasets()}
    return [each for each in catalogue.every_dataset() if each.local is None and each.key not in dropped]


class Examples(dict[str, Example]):
    """Examples by the name of their dataset; one that could not be recorded raises `LookupError` with the reason."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: dict[str, str] = {}

    def __missing__(self, name: str) -> Example:
        raise LookupError(self.problems[name])


def record(folder: Path, datasets: Sequence[Dataset]) -> Examples:
    """An example of each dataset, from the sandbox or from `documented`."""
    found = Examples()
    with ExitStack() as stack:
        stack.enter_context(keys_of(catalogue.entries()))
        documented = {name: stack.enter_context(_answering(answers)) for name, answers in DOCUMENTED.items()}
        where: dict[str, str] = {}
        if not all(_documented(dataset, documented) for dataset in datasets):
            generate(folder / "market", seed=1, size=_MARKET)
            base = stack.enter_context(serve(folder / "market", NIGHT.day))
            where = {name.removeprefix("ROTATION_").lower(): url for name, url in urls(base).items()}
        for dataset in datasets:
            url = _documented(dataset, documented)
            own = {f"{dataset.source}_url": url} if url else {}
            try:
                example = _example(dataset, folder, ProviderUrls(**(where | own)))
            except LookupError as error:
                found.problems["/".join(dataset.key)] = str(error)
            else:
                found[example.name] = example
    return found


def _documented(dataset: Dataset, documented: Mapping[str, str]) -> str | None:
    return documented.get("/".join(dataset.key)) or documented.get(dataset.source)


@contextmanager
def _answering(answers: Serve) -> Iterator[str]:
    with provider() as server:
        server.serve = answers
        yield server.url


def _example(dataset: Dataset, folder: Path, providers: ProviderUrls) -> Example:
    home = Home(home=folder / "homes" / "-".join(dataset.key))
    home.prepare()
    with closing(duckdb.connect(str(home.warehouse))) as connection:
        raw.prepare(connection, catalogue.RAW_TABLES)
    _collect_what_comes_before(dataset, home, providers, after=False)
    if not _plans(dataset, home):  # it stands in for another, and also relies on what that one has collected
        _collect_what_comes_before(dataset, home, providers, after=True)
    with closing(Store(home, [dataset])) as store:
        known = store.known(dataset, NIGHT, NIGHT.as_of)
        planned = dataset.plan(NIGHT, known)
        client = HttpClient(getattr(providers, f"{dataset.source}_url"), dataset.limits, clock=lambda: NIGHT.as_of)
        with closing(client):
            for request in planned[:_TRIED]:
                exchanges = _ask(dataset, client, request, known)
                if _is_full(dataset, exchanges):
                    return _made(dataset, request, exchanges)
    raise LookupError(f"the sandbox completes no unit of {'/'.join(dataset.key)}: give it a route and a market file")


def _plans(dataset: Dataset, home: Home) -> bool:
    with closing(Store(home, [dataset])) as store:
        return bool(dataset.plan(NIGHT, store.known(dataset, NIGHT, NIGHT.as_of)))


def _collect_what_comes_before(dataset: Dataset, home: Home, providers: ProviderUrls, *, after: bool) -> None:
    """A few units of what the plan relies on: earlier datasets of its provider, or of those it comes `after`.

    The last of these is the one it stands in for: with that, nothing would be missing.
    """
    every = asked_datasets()
    for each in every[: [found.key for found in every].index(dataset.key)]:
        if each.key in dataset.after[:-1] if after else each.source == dataset.source and each.key not in dataset.after:
            few = replace(each, plan=lambda night, known, each=each: each.plan(night, known)[:_EARLIER_UNITS])
            collect_night(home, NIGHT, [few], providers, lambda: NIGHT.as_of)


def _ask(dataset: Dataset, client: HttpClient, request: Request, known: Known) -> list[Exchange]:
    """Every answer as it came, named by what the fetch said it was for."""
    came: dict[Asked, Exchange] = {}

    def send(asked: Request) -> Exchange:
        exchange = client.send(asked, dataset.judge)
        came[Asked.of(asked)] = exchange
        return exchange

    named = {Asked.of(each.request): each for each in dataset.fetch(request, send, replace(known, notes={}))}
    return [replace(named.get(asked, each), body=each.body) for asked, each in came.items()]


def _is_full(dataset: Dataset, exchanges: list[Exchange]) -> bool:
    rows = [answer(dataset, each) for each in exchanges if each.request.kind == "data"]
    return bool(rows) and all(each.exchange.outcome is Outcome.OK for each in rows)


def _made(dataset: Dataset, request: Request, exchanges: list[Exchange]) -> Example:
    answers = {Asked.of(each.request): _reply(each) for each in exchanges}
    data = next(each.request for each in exchanges if each.request.kind == "data")
    listing = next((Asked.of(each.request) for each in exchanges if each.request.kind == "listing"), None)
    example = Example(dataset, request, answers, Asked.of(data), data, listing)
    if listing is not None:  # it vouches for the valid file, and for no other
        line = bodies.checksum_line(example.valid.body, data.path.rsplit("/", 1)[1])
        answers[replace(example.target, path=f"{data.path}.CHECKSUM")] = Reply(body=line)
    for asked in [Asked.of(each.request) for each in exchanges if each.request.kind == "data"]:
        answers |= _shortened(replace(example, target=asked))
    return example


def _reply(exchange: Exchange) -> Reply:
    kind = exchange.headers.get("content-type", "text/plain")
    return Reply(exchange.status or 0, {"Content-Type": kind}, exchange.body)


def _shortened(example: Example) -> Mapping[Asked, Reply]:
    """The answer without the older of very many rows."""
    body = form_of(example).open(example.valid.body)
    if len(body.rows) <= _MOST_ROWS:
        return {}
    del body.rows[:-_MOST_ROWS]
    return answers_with(example, body.build())


def form_of(example: Example) -> bodies.Form:
    """How the answers of a dataset are made: as listed, or as they look."""
    return bodies.FORMS.get(example.name) or bodies.guessed(example.valid.body, example.request.unit)


def answers_with(example: Example, body: bytes) -> dict[Asked, Reply]:
    """The answer with another body, and whatever vouches for it brought in line."""
    found = {example.target: replace(example.valid, body=body)}
    checksum = replace(example.target, path=f"{example.target.path}.CHECKSUM")
    if checksum in example.answers:
        line = bodies.checksum_line(body, example.target.path.rsplit("/", 1)[1])
        found[checksum] = replace(example.answers[checksum], body=line)
    return found
