"""Which market a home holds: the live one, a recorded one or a generated one. A home never mixes them.

Belongs here: the mark that is written into a home and read by everything that labels or refuses.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from ingestion.errors import SettingsError
from ingestion.night import Night
from ingestion.sandbox import server
from ingestion.settings import Home, ProviderUrls


class Kind(StrEnum):
    """Where the data of a home come from."""

    LIVE = "live"
    RECORDED = "recorded"
    GENERATED = "generated"


@dataclass(frozen=True)
class Market:
    """The market of one home. `directory` is what the sandbox serves; live homes have none."""

    kind: Kind
    name: str
    directory: Path | None = None
    seed: int | None = None

    @property
    def label(self) -> str:
        """How the market is named wherever its figures appear."""
        if self.kind is Kind.LIVE:
            return "live providers"
        if self.kind is Kind.RECORDED:
            return f"recorded market '{self.name}'"
        return f"GENERATED market, seed {self.seed}: no real prices"

    def as_json(self) -> dict[str, object]:
        """For the manifest: kind and name, no path of this machine."""
        found: dict[str, object] = {"kind": self.kind.value, "name": self.name}
        return found if self.seed is None else found | {"seed": self.seed}


LIVE = Market(Kind.LIVE, "live")


def describe(directory: Path) -> Market:
    """The market of a directory: a generated one carries its truth, a recorded one does not."""
    if not directory.is_dir():
        raise SettingsError(f"there is no market directory {directory}: give --market a folder that holds one")
    truth = directory / "truth.json"
    if not truth.exists():
        return Market(Kind.RECORDED, directory.name, directory.resolve())
    seed = json.loads(truth.read_text(encoding="utf-8"))["seed"]
    return Market(Kind.GENERATED, directory.name, directory.resolve(), int(seed))


def market_of(home: Home) -> Market | None:
    """The market this home was first used with; None for a home that was never used."""
    path = _mark(home)
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    directory = found["directory"]
    if directory is not None:
        directory = Path(os.path.normpath(home.home.resolve() / directory))
    return Market(Kind(found["kind"]), found["name"], directory, found["seed"])


def claim(home: Home, market: Market) -> None:
    """Mark a fresh home with its market; raises `SettingsError` when it already holds another."""
    present = market_of(home)
    if present is None:
        home.prepare()
        relative = market.directory and os.path.relpath(market.directory, home.home.resolve())
        _mark(home).write_text(json.dumps(asdict(market) | {"directory": relative}), encoding="utf-8")
    elif (present.kind, present.name, present.seed) != (market.kind, market.name, market.seed):
        raise SettingsError(
            f"the home {home.home} holds the {present.label}, not the {market.label}: "
            "use another home (--home or ROTATION_HOME), the two are never mixed"
        )


@contextmanager
def providers(market: Market, night: Night) -> Iterator[ProviderUrls]:
    """Where this night's requests go: the providers themselves, or a sandbox server that knows nothing later."""
    if market.directory is None:
        yield ProviderUrls()
        return
    with server.serve(market.directory, night.day) as base:
        addresses: Mapping[str, str] = server.urls(base)
        names = {name.removeprefix("ROTATION_").lower(): url for name, url in addresses.items()}
        yield ProviderUrls.model_validate(names)


def _mark(home: Home) -> Path:
    return home.home / "market.json"
