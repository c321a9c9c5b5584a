"""Reading the catalogue and pages of asset metrics: same bytes, same rows.

Belongs here: the wire format and its traps. Values are decimal strings; a metric that is absent is not supported, one
that is null has no data that day; unknown keys are ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from ingestion.errors import BadPayloadError
from ingestion.sources.coinmetrics.models import ASSET_METRICS, METRICS
from ingestion.sources.reading import json_of, number, reading

_DATE_CHARACTERS = len("2026-01-16")


@dataclass(frozen=True)
class Page:
    """A page of data and the token of the next one."""

    data: list[Mapping[str, Any]]
    next_page_token: str | None


def parse_page(body: bytes) -> Page:
    """Any paged answer; an error envelope under HTTP 200 is not one."""
    with reading("a page of Coin Metrics"):
        envelope = json_of(body)
        if "error" in envelope:
            raise BadPayloadError(f"Coin Metrics refused: {envelope['error'].get('message')}")
        data = envelope["data"]
        if not isinstance(data, list):
            raise BadPayloadError("Coin Metrics gave something else than a list of data")
        return Page(data, envelope.get("next_page_token") or None)


def parse_catalog(body: bytes, metrics: Collection[str]) -> dict[str, frozenset[str]]:
    """For each asset those of `metrics` that are open to us daily."""
    with reading("the catalogue of asset metrics"):
        found = {
            row["asset"]: frozenset(
                listed["metric"]
                for listed in row["metrics"]
                if listed["metric"] in metrics and any(each["frequency"] == "1d" for each in listed["frequencies"])
            )
            for row in parse_page(body).data
        }
        return {asset: open_ones for asset, open_ones in found.items() if open_ones}


def parse_metrics(body: bytes, asked: Mapping[str, str]) -> pa.Table:
    """One row per asset, day and metric of a page; `asked` are the parameters of its request.

    Raises `BadPayloadError` for an asset or a day that was not asked for: then nothing of the page counts.
    """
    with reading("a page of asset metrics"):
        assets, first, last = frozenset(asked["assets"].split(",")), asked["start_time"], asked["end_time"]
        columns: dict[str, list[Any]] = {name: [] for name in ASSET_METRICS.columns}
        for row in parse_page(body).data:
            day = row["time"][:_DATE_CHARACTERS]
            if row["asset"] not in assets or not first <= day <= last:
                raise BadPayloadError(f"Coin Metrics gave {row['asset']} on {day}, which was not asked for")
            for values in _values(row, date.fromisoformat(day)):
                for name, value in zip(columns, values, strict=True):
                    columns[name].append(value)
        return pa.table(columns, schema=ASSET_METRICS.schema)


def _values(row: Mapping[str, Any], day: date) -> Iterator[tuple[str, date, str, float | None, str | None]]:
    for metric in METRICS:
        if metric in row:
            yield row["asset"], day, metric, number(row[metric]), row.get(f"{metric}-status")
