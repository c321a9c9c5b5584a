"""Every statistic of the marts computed a second time, by other libraries or from its definition, on recorded prices.

One module a theme with functions `check_…(place)`; `checks()` finds them all. Inputs are prices alone: nothing that
the pipeline derived is used but for what a check is not about, and nothing of analytics/. Randomised statistics agree
within Monte Carlo error, all others to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from tests.end_to_end.whole_nights import Place

Check = Callable[[Place], None]


def checks() -> dict[str, Check]:
    """Every check by its name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return {
        name.removeprefix("check_"): function
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("check_")
    }
