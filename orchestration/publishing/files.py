"""The files of a publication, and how one takes the place of another.

Belongs here: names, flushing, renaming, hashing. What is inside the files belongs to `database`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path

DATABASE, PARQUET, MANIFEST, VERSIONS = "rotation.duckdb", "parquet", "manifest.json", "versions"
NEW = ".new"


def fresh(published: Path, name: str) -> Path:
    """Where a file or folder is built before it takes its place."""
    return published / (name + NEW)


def remove_leftovers(folder: Path) -> None:
    """What a killed run left behind."""
    for path in folder.glob(f"*{NEW}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def replace(built: Path, final: Path) -> None:
    """Put a whole file in place of another: flushed, renamed, and the rename flushed too."""
    sync(built)
    os.replace(built, final)
    sync(final.parent)


def replace_parquet(published: Path, tables: Collection[str]) -> None:
    """File by file: each is whole at any moment. The manifest, written last, says which content they are."""
    folder, built = published / PARQUET, fresh(published, PARQUET)
    folder.mkdir(exist_ok=True)
    for table in tables:
        os.replace(built / f"{table}.parquet", folder / f"{table}.parquet")
    for path in folder.glob("*.parquet"):
        if path.stem not in tables:
            path.unlink()
    shutil.rmtree(built)  # not empty where a file was linked to the one in place: renaming does nothing then
    sync(folder)


def link(source: Path, target: Path) -> None:
    """A second name for a file that is only ever replaced, never edited; a copy where the disk has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        sync(target)


def sync(path: Path) -> None:
    """Wait until the disk has it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Of the whole file, as hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def one_line(error: object) -> str:
    """An error's text for a message of one line."""
    return " ".join(str(error).split())


def quoted(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"
