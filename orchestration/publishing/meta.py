"""What the schema `meta` of the published file holds: every table and column, for those who query it.

Belongs here: their description, and from it the tables that publishing itself makes. The others are made where they are
filled, in the warehouse, and published as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ingestion.warehouse.columns import Column, count, day, moment, number, text
from ingestion.warehouse.transactions import transaction
from orchestration.publishing.files import quoted
from orchestration.validation.dictionary import Table

_NAMES = "varchar[]"
_SOURCE = text("Provider, by the name of its folder in ingestion/sources.", required=True)
_DATASET = text("Dataset of the provider, as in ingestion/catalogue.yml.", required=True)
_SEVERITY = text(
    "Critical stops what is downstream, and publication; the others stop nothing. A critical rule whose rows were set "
    "aside counts as a warning.",
    "critical",
    "warning",
    "info",
    required=True,
)


def _rows(meaning: str, *, required: bool = True) -> Column:
    return count("rows", meaning, required=required, low=0)


_PUBLICATIONS = {
    "publication_id": count("publications", "Counts up from 1.", low=1),
    "run_id": text("The run that published; 'command' from the command line."),
    "night": day("The last day the content knows."),
    "as_of": moment("When the newest answer behind the content arrived; the models look back from there."),
    "published_at": moment("When the file was built."),
    "market": Column("json", "Kind and name of the market, and the seed of a generated one."),
    "tables": count("tables", "Marts in the file."),
    "row_count": count("rows", "Rows of all marts."),
    "fingerprint": text("The same for two publications of the same content of the same night."),
    "rolled_back_to": count("publications", "The publication that was gone back to; empty when it was none."),
}
_CHANGES = {
    "publication_id": count("publications", "The publication that is compared with the one before it."),
    "table_name": text("The mart."),
    "status": text("What became of it.", "new", "dropped", "changed", "unchanged"),
    "rows_before": count("rows", "In the publication before."),
    "rows_after": count("rows", "In this one."),
    "rows_added": count("rows", "Rows whose key is new."),
    "rows_changed": count("rows", "Rows of the same key with other values; empty where the mart has no key."),
    "rows_removed": count("rows", "Rows whose key is gone."),
    "columns_added": Column(_NAMES, "Columns that are new."),
    "columns_removed": Column(_NAMES, "Columns that are gone."),
    "columns_retyped": Column(_NAMES, "Columns of another type, with both."),
}
_BATCHES = {
    "batch_id": count("batches", "One landed file; counts up in the order of landing."),
    "source": _SOURCE,
    "dataset": _DATASET,
    "night": day("The night that asked.", required=True),
    "table_name": text("The raw table that was loaded."),
    "rows_parsed": _rows("Rows in the answers."),
    "rows_new": _rows("Rows whose key raw did not have."),
    "rows_changed": _rows("Rows whose key raw had with other content: a new version."),
    "rows_unchanged": _rows("Rows that raw already had."),
    "rows_duplicated": _rows("Rows that the answers held more than once."),
}
_RESULTS = {
    "run_id": text("The run that judged."),
    "night": day("Its night.", required=True),
    "checked_at": moment("When the table was judged."),
    "schema_name": text("The layer.", "raw", "staging", "intermediate", "marts"),
    "table_name": text("The table."),
    "expectation": text("The rule, by the name it has in the suite of the table."),
    "column_name": text("The column it is about; empty for a rule on several or on the table."),
    "severity": _SEVERITY,
    "status": text(
        "Error: it could not be evaluated, and nobody knows whether it was kept.",
        "passed",
        "violated",
        "error",
        required=True,
    ),
    "unexpected_count": _rows(
        "Rows that broke it; empty where it is about a number, or was not evaluated.", required=False
    ),
    "evaluated_rows": _rows("Rows of the new slice that was judged."),
    "observed": text("What was found: a number, or the first values that broke it."),
    "message": text("For a person; empty when it passed.", required=True),
    "sample_keys": Column("json", "The keys of the first 20 rows that broke it.", required=True),
    "content_hash": text("Of the whole mart that was judged; publishing asks for exactly this content."),
}
_COVERAGE = {
    "source": _SOURCE,
    "dataset": _DATASET,
    "night": day("The night whose ledger it is."),
    "expected": count("units", "Requests and days of rows that the dataset should have by then.", required=True, low=0),
    "missing": count("units", "Those of them that it does not have.", required=True, low=0),
}
_GAPS = {
    "source": _SOURCE,
    "dataset": _DATASET,
    "symbol": text("What is missing it; empty when all of it is."),
    "first_day": day("First day that is missing."),
    "last_day": day("Last day that is missing."),
    "reason": text(
        "Of the request: no answer, refused by the provider or by this network, not published yet, not listed then, "
        "not read, never asked or not planned. Of the rows: not in the answer, or fewer than a whole day has.",
        *("blocked", "no_answer", "not_asked", "not_found", "not_in_answer", "not_listed", "not_planned"),
        *("not_yet_published", "rate_limited", "refused", "short_day", "unreadable"),
        required=True,
    ),
    "missing": count("units", "Requests or days in the gap.", required=True, low=1),
    "expected_rows": count("rows", "Rows that its days should have, where rows are missing."),
    "present_rows": count("rows", "Rows that they have."),
    "unit": text("The first request of the gap."),
    "last_asked_at": moment("When it was last asked."),
    "error": text("What the provider or the parser said."),
    "night": day("The night whose ledger it is: gaps are of the newest only.", required=True),
}
_QUARANTINE = {
    "night": day("The night that brought the rows."),
    "table_name": text("The raw table."),
    "rule": text("The rule they broke."),
    "reason": text("Why the rule is there."),
    "decision": text("What a person decided of them.", "waiting", "released", "dropped"),
    "rows": count("rows", "Rows set aside."),
}
_REVISIONS = {
    "source": _SOURCE,
    "dataset": _DATASET,
    "table_name": text("The raw table; empty for a file."),
    "row_key": text("The key of the row, as JSON; of a file its request.", required=True),
    "column_name": text("The value that changed.", required=True),
    "old_value": text("What was known before; empty when nothing was."),
    "new_value": text("What is known now."),
    "relative_change": number("share of the old value", "(new - old) / |old|; empty for texts and from zero."),
    "first_known_at": Column("timestamptz", "When the key was first known.", required=True),
    "revised_at": Column("timestamptz", "When this version became known.", required=True),
    "age_days": number("days", "From the first version of the key to this one.", required=True),
    "reason": text(
        "A file that is issued again counts even where no value in it changed.",
        *("restated", "appeared", "withdrawn", "reissued_file"),
        required=True,
    ),
    "batch_id": count("batches", "The batch that brought this version.", required=True),
}

TABLES = tuple(
    Table("meta", name, meaning, source, key, columns)
    for name, meaning, source, key, columns in (
        (
            "publications",
            "Every publication of this file, and every time it was gone back.",
            "publishing, which carries it over from file to file",
            ("publication_id",),
            _PUBLICATIONS,
        ),
        (
            "publication_changes",
            "What each publication changed in each mart.",
            "publishing, which compares it with the one before",
            ("publication_id", "table_name"),
            _CHANGES,
        ),
        (
            "batches",
            "Every landed file that was loaded, and what it brought.",
            "the ledger of loading",
            ("batch_id", "table_name"),
            _BATCHES,
        ),
        (
            "validation_results",
            "What the gates said of every rule, night by night; kept for a year (`ROTATION_KEEP_RESULT_DAYS`).",
            "the gates",
            ("run_id", "checked_at", "schema_name", "table_name", "expectation"),
            _RESULTS,
        ),
        (
            "coverage",
            "How much of what a dataset should hold it holds, night by night.",
            "the coverage ledger",
            ("source", "dataset", "night"),
            _COVERAGE,
        ),
        (
            "coverage_gaps",
            "What is missing, from when to when, and why. One row for all that follows each other for one reason.",
            "the coverage ledger",
            (),
            _GAPS,
        ),
        (
            "quarantine",
            "Rows that gates set aside, counted.",
            "the quarantine",
            ("night", "table_name", "rule", "decision"),
            _QUARANTINE,
        ),
        (
            "revisions",
            "Every value that a provider changed after it was first known, and every file it issued again.",
            "the ledger of loading",
            (),
            _REVISIONS,
        ),
    )
)


def definition(table: Table) -> str:
    """Its columns as SQL declares them."""
    return ", ".join(f'"{name}" {column.type}' for name, column in table.columns.items())


def describe(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Leave the descriptions on these tables of `target`: a BI tool shows them beside table and column."""
    with transaction(connection):  # one flush to the disk instead of a hundred
        for table in tables:
            place = f'target.meta."{table.name}"'
            connection.execute(f"comment on table {place} is {quoted(table.meaning)}")
            for name, column in table.columns.items():
                connection.execute(f'comment on column {place}."{name}" is {quoted(column.meaning)}')
