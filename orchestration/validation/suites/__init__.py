"""The suites, one module per table in a folder per layer; a module gives `SUITE`. Found by looking, listed nowhere."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from orchestration.validation.rules import Suite, SuiteError

LAYERS = ("raw", "staging", "intermediate", "marts")


@cache
def suites_of(layer: str) -> tuple[Suite, ...]:
    """The suites of one layer, by table name."""
    if layer not in LAYERS:
        raise SuiteError(f"there is no layer {layer}: the layers are {', '.join(LAYERS)}")
    package = import_module(f"{__name__}.{layer}")
    found = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        suite: Suite = import_module(f"{package.__name__}.{module.name}").SUITE
        if (suite.schema, suite.table) != (layer, module.name):
            raise SuiteError(f"the module {layer}/{module.name}.py holds the suite of {suite.full_name}")
        found.append(suite)
    return tuple(found)


def suite_of(schema: str, table: str) -> Suite:
    """The suite of one table."""
    for suite in suites_of(schema):
        if suite.table == table:
            return suite
    raise SuiteError(f"{schema}.{table} has no suite: add suites/{schema}/{table}.py")
