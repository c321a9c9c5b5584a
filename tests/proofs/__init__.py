"""Proofs by simulation that the statistics behind the marts are what they say: planted truth, no effect, known numbers.

One module a family of marts with a function `proofs(grid)`; `python -m tests.proofs` runs all modules found here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

import orchestration  # noqa: F401 - before numpy is loaded: one thread of linear algebra, as a night has
from tests.proofs.report import Grid, Proof


def families() -> dict[str, Callable[[Grid], list[Proof]]]:
    """Every module here that has proofs, by its name."""
    names = [module.name for module in iter_modules(__path__) if not module.name.startswith(("_", "test_"))]
    modules = {name: import_module(f"tests.proofs.{name}") for name in names}
    return {name: module.proofs for name, module in modules.items() if hasattr(module, "proofs")}
