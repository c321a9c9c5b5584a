"""What all commands share: where the home is, and where they write to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ingestion.errors import SettingsError
from ingestion.settings import Home

console = Console()
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder that holds all state; default: ROTATION_HOME or ./data")
]


def home_of(chosen: Path | None) -> Home:
    """The home that was named, or the one of the environment."""
    return Home(home=chosen) if chosen else Home()


def existing_home(chosen: Path | None) -> Home:
    """A home that holds a warehouse; raises `SettingsError` saying how to get one."""
    place = home_of(chosen)
    if not place.warehouse.exists():
        raise SettingsError(
            f"there is no warehouse in {place.home}: "
            "run 'rotation demo' or 'rotation refresh' first, or set ROTATION_HOME"
        )
    return place
