"""Great Expectations, imported once per process and only when there is something to judge.

Belongs here: its batches and the reading of its results. Dataframe batches only: it has no DuckDB engine, and through
SQLAlchemy it reports every rule as failed. It answers `success: false` for a broken rule and for a rule that it could
not evaluate alike; the difference is in `exception_info`, and is kept.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from orchestration.validation.rules import Expectation

_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True)
class Judgement:
    """What Great Expectations said of one rule. `positions` are index labels of the refused rows."""

    success: bool
    error: str | None
    observed: object
    unexpected_count: int | None
    positions: tuple[int, ...]


@dataclass(frozen=True)
class _Library:
    expectations: Any
    suite: Any
    batches: Any


@cache
def _library() -> _Library:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Where somebody lets the root logger speak, as dbt does, it would tell of hundreds of its own internals.
    logging.getLogger("great_expectations").propagate = False
    import great_expectations as gx  # noqa: PLC0415 - seconds to import; this is where it belongs
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("slices").add_dataframe_asset("slice")
    return _Library(gx.expectations, gx.ExpectationSuite, asset.add_batch_definition_whole_dataframe("whole"))


def judge(frame: pd.DataFrame, rules: Sequence[Expectation]) -> dict[str, Judgement]:
    """Judge rules on the rows of a frame, by the rule's name."""
    return _validate(frame, {rule.name: (rule, rule.column) for rule in rules})


def judge_measures(numbers: Mapping[str, float | None], rules: Sequence[Expectation]) -> dict[str, Judgement]:
    """Judge rules that look at one number each, which `numbers` has by the rule's name.

    Rules alike in their bounds are judged as the rows of one column: a table has a dozen that demand a zero, and an
    expectation costs the same milliseconds for one number as for thousands.
    """
    alike: dict[str, list[Expectation]] = {}
    for rule in rules:
        alike.setdefault(f"{rule.kind} {rule.arguments}", []).append(rule)
    columns = {
        bounds: pd.Series([numbers[rule.name] for rule in group], dtype="float64") for bounds, group in alike.items()
    }
    judged = _validate(pd.DataFrame(columns), {bounds: (group[0], bounds) for bounds, group in alike.items()})
    return {
        rule.name: _of_one(judged[bounds], position, numbers[rule.name])
        for bounds, group in alike.items()
        for position, rule in enumerate(group)
    }


def _of_one(judged: Judgement, position: int, number: float | None) -> Judgement:
    """What a judgement of several numbers says of one of them."""
    if judged.error is not None or not (judged.success or judged.positions):
        return judged
    return Judgement(position not in judged.positions, None, number, None, ())


def _validate(frame: pd.DataFrame, asked: Mapping[str, tuple[Expectation, str | None]]) -> dict[str, Judgement]:
    """Validate a frame against rules, each on the column beside it."""
    if not asked:
        return {}
    library = _library()
    judged: dict[str, Judgement] = {}
    built: list[Any] = []
    for name, (rule, column) in asked.items():
        arguments = {**rule.arguments, **({"column": column} if column else {})}
        try:
            built.append(getattr(library.expectations, rule.kind)(**arguments, meta={"rule": name}))
        except (AttributeError, ValueError) as error:
            judged[name] = _unjudged(f"{rule.kind} is not written as it should be: {_one_line(error)}")
    if built:
        batch = library.batches.get_batch({"dataframe": frame})
        suite = library.suite(name="slice", expectations=built)
        for result in batch.validate(suite, result_format=_FORMAT).results:
            judged[result.expectation_config.meta["rule"]] = _read(result)
    return judged


def _read(result: Any) -> Judgement:
    if error := _exception(result.exception_info):
        return _unjudged(error)
    found: Mapping[str, Any] = result.result
    count = found.get("unexpected_count")
    positions = tuple(int(position) for position in found.get("unexpected_index_list") or ())
    observed = found.get("observed_value", found.get("partial_unexpected_list"))
    # numpy's bool is not a bool: storing it as one fails later
    return Judgement(bool(result.success), None, observed, None if count is None else int(count), positions)


def _unjudged(error: str) -> Judgement:
    return Judgement(False, error, None, None, ())


def _exception(info: Mapping[str, Any]) -> str | None:
    """The first exception, from either of the two shapes: one record, or one per metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    for record in records:
        if record.get("raised_exception"):
            return _one_line(record.get("exception_message"))
    return None


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
