"""Great Expectations' Data Docs of the newest night: its suites and what became of them, readable without a network.

Belongs here: the results of the gates as Great Expectations' own objects, and the view that its site builder draws them
with. The site builder, its renderers and its pages are Great Expectations'; its templates load styles and scripts from
the network, so the ones in `templates/data_docs` take their place. A site of 136 tables is 5 MB and takes some 5 s of
work, which is why a command builds it and the night does not.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import ChoiceLoader, PackageLoader, pass_context

from ingestion.errors import RotationError
from orchestration.reporting.pages import records
from orchestration.reporting.validations import DATA_DOCS, cut, first_keys, newest_results
from orchestration.validation.rules import Expectation, Suite
from orchestration.validation.suites import LAYERS, suites_of

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
import great_expectations as gx
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.render.renderer.content_block.validation_results_table_content_block import (
    ValidationResultsTableContentBlockRenderer,
)
from great_expectations.render.renderer.site_builder import SiteBuilder
from great_expectations.render.view.view import DefaultJinjaPageView

# Rules on one number about a table are judged as a column of numbers: this is its name on the pages.
NUMBERS = "Numbers about the table"

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """What was built: the page to open, how many tables it tells of, its size in bytes, and rules without a suite."""

    index: Path
    night: date
    tables: int
    size: int
    left_out: Sequence[str]


def write_data_docs(connection: duckdb.DuckDBPyConnection, docs: Path, market: str) -> Site:
    """Build the site of the newest night from an open warehouse, in place of the one before.

    Raises `RotationError` before the first night, and when Great Expectations could not draw a page.
    """
    told = _newest_night(connection)
    index = docs / DATA_DOCS
    final, built, old = index.parent, index.parent.with_suffix(".writing"), index.parent.with_suffix(".old")
    for leftover in (built, old):
        shutil.rmtree(leftover, ignore_errors=True)
    night = next(row["night"] for rules in told.values() for row in rules.values())
    tables, left_out = _build(told, built, market, night)
    # Great Expectations copies pictures of its own manual beside the pages: 3 MB, and no page shows one.
    shutil.rmtree(built / "static", ignore_errors=True)
    if final.exists():
        final.rename(old)
    built.rename(final)
    shutil.rmtree(old, ignore_errors=True)
    size = sum(path.stat().st_size for path in final.rglob("*.html"))
    return Site(index, night, tables, size, left_out)


def _newest_night(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, Told]]:
    """What the newest night said, by table and rule."""
    known = connection.sql(
        "select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'validation_results'"
    )
    found = records(connection, newest_results(1)) if known.fetchall() else []
    if not found:
        raise RotationError("no night has been judged yet: run a night first")
    told: dict[tuple[str, str], dict[str, Told]] = {}
    for row in found:
        told.setdefault((row["schema_name"], row["table_name"]), {})[row["expectation"]] = row
    return told


def _build(
    told: Mapping[tuple[str, str], Mapping[str, Told]], folder: Path, market: str, night: date
) -> tuple[int, list[str]]:
    """Hand suites and results to Great Expectations and let it build; returns tables and the rules it was not given."""
    context = gx.get_context(mode="ephemeral")
    results = context.stores[context.validation_results_store_name]
    tables, given = 0, set()
    for suite in (suite for layer in LAYERS for suite in suites_of(layer)):
        of_table = told.get((suite.schema, suite.table), {})
        rules = [rule for rule in suite.rules if rule.name in of_table]
        if rules:
            key, result = _judged(context, suite, rules, of_table)
            results.set(key, result)
            tables += 1
            given |= {(suite.schema, suite.table, rule.name) for rule in rules}
    view = {"module_name": __name__, "class_name": OfflineView.__name__, "market": market}
    sections = {
        "class_name": "ValidationResultsColumnSectionRenderer",
        "table_renderer": {"module_name": __name__, "class_name": TableWithReasons.__name__},
    }
    renderer = {"class_name": "ValidationResultsPageRenderer", "column_section_renderer": sections}
    # Made here and not named to the context as a setting: a setting takes `$` in a path or a label for a variable.
    site = SiteBuilder(
        context,
        {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())},
        site_name=f"night of {night}",
        site_index_builder={"class_name": "DefaultSiteIndexBuilder", "view": view},
        show_how_to_buttons=False,
        site_section_builders={
            "expectations": {"view": view},
            "validations": {"view": view, "renderer": renderer},
            "profiling": "None",
        },
    )
    with _errors_raised():
        site.build()
    if (pages := len(list(folder.rglob("*.html")))) != 2 * tables + 1:
        raise RotationError(f"Great Expectations drew {pages} pages of {2 * tables + 1} into {folder}")
    every = {(schema, table, rule) for (schema, table), rules in told.items() for rule in rules}
    return tables, sorted(".".join(names) for names in every - given)


def _judged(context: Any, suite: Suite, rules: Sequence[Expectation], told: Mapping[str, Told]) -> tuple[Any, Any]:
    """One table as Great Expectations keeps it: key and result; its suite is put into the context."""
    expectations = [_expectation(rule, told[rule.name]) for rule in rules]
    context.suites.add(gx.ExpectationSuite(name=suite.full_name, expectations=expectations))
    results = [_result(rule, made, told[rule.name]) for rule, made in zip(rules, expectations, strict=True)]
    kept, one = sum(result.success for result in results), told[rules[0].name]
    rows = max(each["evaluated_rows"] for each in told.values())
    run = RunIdentifier(run_name=f"night of {one['night']}", run_time=one["checked_at"])
    return (
        ValidationResultIdentifier(ExpectationSuiteIdentifier(suite.full_name), run, f"{rows:,} new rows"),
        ExpectationSuiteValidationResult(
            success=kept == len(results),
            results=results,
            suite_name=suite.full_name,
            statistics={
                "evaluated_expectations": len(results),
                "successful_expectations": kept,
                "unsuccessful_expectations": len(results) - kept,
                "success_percent": 100 * kept / len(results),
            },
            meta={
                "run_id": run.to_json_dict(),
                "great_expectations_version": gx.__version__,
                "batch_spec": {"data_asset_name": suite.full_name, "rows": rows, "run": one["run_id"]},
            },
        ),
    )


def _expectation(rule: Expectation, told: Told) -> Any:
    """A rule as Great Expectations has it; `notes` say which it is and why, `meta` what broke it."""
    column = rule.column if rule.measure is None else NUMBERS
    arguments = {**rule.arguments, **({"column": column} if column else {})}
    found = [cut(told["message"]), *first_keys(told["sample_keys"])] if told["status"] == "violated" else []
    notes = [f"{rule.name} ({told['severity']})", rule.why]
    return getattr(gx.expectations, rule.kind)(**arguments, notes=notes, meta={"found": found})


def _result(rule: Expectation, expectation: Any, told: Told) -> Any:
    rows, count, failed = told["evaluated_rows"], told["unexpected_count"], told["status"] == "error"
    said: dict[str, Any] = {"element_count": rows}
    if rule.measure is not None:
        said["observed_value"] = None if failed else cut(told["observed"] or ("--" if rule.rows_where is None else "0"))
    elif count is not None:
        said |= {"unexpected_count": count, "unexpected_percent": 100 * count / max(rows, 1)}
    error = {"raised_exception": failed, "exception_message": cut(told["message"]) if failed else ""}
    return ExpectationValidationResult(
        success=told["status"] == "passed",
        expectation_config=expectation.configuration,
        result=said,
        exception_info=error | {"exception_traceback": ""},
    )


class TableWithReasons(ValidationResultsTableContentBlockRenderer):
    """Great Expectations' table of results, with a column for the name of each rule, its reason and what broke it."""

    @classmethod
    def _process_content_block(cls, content_block: Any, has_failed_evr: bool | None, render_object: Any = None) -> None:
        super()._process_content_block(content_block, has_failed_evr, render_object)
        content_block.header_row = [*content_block.header_row, "Rule"]
        for row, result in zip(content_block.table, render_object, strict=True):
            rule, why = result.expectation_config.notes
            row.append([rule, *(result.expectation_config.meta["found"] or [why])])


class OfflineView(DefaultJinjaPageView):
    """Great Expectations' pages without what they load from the network, and with every text escaped."""

    def __init__(self, market: str, **directories: Any) -> None:
        super().__init__(**directories)
        ours = PackageLoader("orchestration.reporting", "templates/data_docs")
        self.env.loader = ChoiceLoader([ours, *filter(None, [self.env.loader])])
        self.env.trim_blocks = self.env.lstrip_blocks = True
        self.env.globals["market"] = market
        self.env.filters["render_markdown"] = escape  # notes are plain text

    @pass_context
    def render_content_block(self, jinja_context: Any, content_block: Any, *arguments: Any, **named: Any) -> Any:
        """A block as HTML. Great Expectations writes plain texts as they are, whoever they come from."""
        return super().render_content_block(jinja_context, _escaped(content_block), *arguments, **named)


def _escaped(block: Any) -> Any:
    if isinstance(block, str):
        return escape(block)
    return [_escaped(each) for each in block] if isinstance(block, list) else block


@contextmanager
def _errors_raised() -> Iterator[None]:
    """Great Expectations logs what it cannot draw and goes on, so that a page or half of it is missing."""
    told: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: told.append(" ".join(record.getMessage().split()))  # type: ignore[method-assign]
    logger = logging.getLogger("great_expectations")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    if told:
        raise RotationError(f"Great Expectations could not draw {len(told)} parts of its Data Docs: {told[0]}")
