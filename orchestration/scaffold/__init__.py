"""`rotation new-source`: the files that every source has, in the shape that every source has.

Belongs here: names, and writing without overwriting. The text of the files is in the templates beside this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ingestion.catalogue import entries
from ingestion.errors import SettingsError

PROJECT = Path(__file__).parents[2]
_TEMPLATES = Path(__file__).parent
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True)
class Scaffolded:
    """What was written, and what a person adds to files that are there already."""

    files: tuple[Path, ...]
    by_hand: str


def scaffold(project: Path, provider: str, dataset: str) -> Scaffolded:
    """Write the files of a source; raises `SettingsError`, having written nothing, for a wrong or taken name."""
    for name in (provider, dataset):
        if not _NAME.fullmatch(name):
            raise SettingsError(f"'{name}' is not a name for a source: use lower case letters, digits and _")
    if provider in {row.provider for row in entries()}:
        raise SettingsError(f"there is a source {provider} already: add a dataset to ingestion/sources/{provider}/")
    names = {
        "provider": provider,
        "dataset": dataset,
        "title": provider.replace("_", " ").title(),
        "constant": dataset.upper(),
        "variable": provider.upper(),
    }
    source = project / "ingestion" / "sources" / provider
    places = {
        "package": source / "__init__.py",
        "readme": source / "README.md",
        "models": source / "models.py",
        "parse": source / "parse.py",
        "dataset": source / "dataset.py",
        "suite": project / "orchestration" / "validation" / "suites" / "raw" / f"{provider}_{dataset}.py",
        "test": project / "tests" / "ingestion" / "sources" / f"test_{provider}.py",
    }
    if taken := [str(path.relative_to(project)) for path in places.values() if path.exists()]:
        raise SettingsError(f"these files are there already: {', '.join(taken)}; choose another name, or remove them")
    for template, path in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template, names), encoding="utf-8")
    return Scaffolded(tuple(places.values()), _filled("by_hand", names))


def _filled(template: str, names: dict[str, str]) -> str:
    return Template((_TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")).substitute(names)
