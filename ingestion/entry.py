"""One row of the catalogue. Belongs here: what is written down about a dataset, not how it is collected."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """What `catalogue.yml` says of one dataset. Windows are in days and end with the night's own day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    dataset: str
    cadence: Literal["daily", "snapshot", "dropped"]
    unit: str
    history: int | None = Field(description="days asked on the first night; null: all the provider has", ge=1)
    sandbox_history: int | None = Field(
        default=None, description="the same on a sandbox, whose first night people wait for; null: as live", ge=1
    )
    trailing: int | None = Field(description="days asked again on later nights; null: everything", ge=1)
    reach: int | None = Field(
        default=None, description="days back from today that the provider still answers; null: everything", ge=1
    )
    rechecked: tuple[int, ...] = Field(
        default=(), description="ages in days at which a complete unit is looked at again; empty: the trailing window"
    )
    licence: str
    key: str | None = Field(description="the variable of the key it needs; null: none")
    opt_in: bool = Field(default=False, description="off unless ROTATION_<PROVIDER>_ENABLED is true")
    expected_coverage: str
    backfill: bool = Field(default=False, description="whether any window of days may be asked for")
    fallback: tuple[str, ...] = Field(description="who gives the same, in the order in which they are to be used")
    gaps_of: tuple[str, ...] = Field(
        default=(),
        description="provider/dataset of which only missing units are asked here, in the order of preference",
    )
    workers: int = Field(default=1, ge=1, le=16)
    per_second: float = Field(gt=0)
    symbols: dict[str, int] = Field(default={}, description="symbol → days of history, where symbols are chosen here")
    pages: int = Field(default=1, ge=1)
    group: int = Field(default=10, ge=1, description="how many contracts or assets one request names")

    is_backfill: bool = Field(default=False, description="set by `over`: the days of a window, each once and for good")

    def over(self, days: int) -> Entry:
        """This dataset with exactly so many days of history, none of them asked twice."""
        symbols = dict.fromkeys(self.symbols, days)
        changed = {"history": days, "trailing": 1, "rechecked": (), "symbols": symbols, "is_backfill": True}
        return self.model_copy(update=changed)

    @property
    def in_sandbox(self) -> Entry:
        """This dataset as a sandbox is asked for it."""
        return self if self.sandbox_history is None else self.model_copy(update={"history": self.sandbox_history})

    @property
    def history_days(self) -> int:
        """The history of a dataset that must have one."""
        if self.history is None:
            raise ValueError(f"{self.provider}/{self.dataset} needs a number of days as its history")
        return self.history

    @property
    def after(self) -> tuple[tuple[str, str], ...]:
        """The keys of the datasets in `gaps_of`."""
        return tuple((provider, dataset) for provider, dataset in (name.split("/") for name in self.gaps_of))

    @property
    def trailing_days(self) -> int:
        """The trailing window of a dataset that must have one."""
        if self.trailing is None:
            raise ValueError(f"{self.provider}/{self.dataset} needs a number of days as its trailing window")
        return self.trailing
