"""All entries: every rule of every suite, and how each is tripped.

Belongs here: putting the parts together, and which rules have no entry. Entries are found by suite and rule name,
whoever wrote the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestration.validation.rules import Expectation, Suite
from orchestration.validation.suites import LAYERS, suites_of
from tests.corruption import generic
from tests.corruption.by_rule import BY_LAYER, MANY
from tests.corruption.entry import Corruption, Ways

Columns = Mapping[str, Mapping[str, str]]


def suites() -> list[Suite]:
    """All suites, in the order of the layers."""
    return [suite for layer in LAYERS for suite in suites_of(layer)]


def entries(columns: Columns) -> list[Corruption]:
    """Every entry; `columns` gives name and type of the columns of each `schema.table`."""
    return [
        Corruption(suite, rule, ways)
        for suite in suites()
        for rule in suite.rules
        for ways in of_rule(suite, rule, columns[suite.full_name])
    ]


def of_rule(suite: Suite, rule: Expectation, columns: Mapping[str, str]) -> Iterator[Ways]:
    """The entries of one rule, each with its ways; none when nobody has written one."""
    by_hand, name = BY_LAYER[suite.schema], f"{suite.table}.{rule.name}"
    if written := by_hand.get(name) or by_hand.get(rule.name):
        yield (written,)
    elif key := generic.of_key(suite, rule, columns):
        yield key
    else:
        yield from generic.of_column(suite, rule, columns)
    if suite.schema == "raw" and name in MANY:
        yield (MANY[name],)


def without_an_entry(columns: Columns) -> list[str]:
    """The rules that no entry trips."""
    return [
        f"{suite.full_name}.{rule.name}"
        for suite in suites()
        for rule in suite.rules
        if not any(of_rule(suite, rule, columns[suite.full_name]))
    ]


def without_a_rule() -> list[str]:
    """What is written by hand for rules that are gone."""
    known = {
        schema: {name for suite in suites_of(schema) for rule in suite.rules for name in _names(suite, rule)}
        for schema in LAYERS
    }
    shared = {"intermediate": known["intermediate"] | known["marts"], "marts": known["intermediate"] | known["marts"]}
    return [
        f"{layer}: {name}"
        for layer, written in (*BY_LAYER.items(), ("raw", MANY))
        for name in written
        if name not in shared.get(layer, known[layer])
    ]


def _names(suite: Suite, rule: Expectation) -> tuple[str, str]:
    return rule.name, f"{suite.table}.{rule.name}"
