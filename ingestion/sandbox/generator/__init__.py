"""Markets with known truth: same seed, same size, same bytes.

Belongs here: the order in which the parts of a market are made, and `truth.json`: tests read it, no server does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ingestion.errors import SettingsError
from ingestion.sandbox.generator import coins, crypto, equities, flows, ratios, transfers
from ingestion.sandbox.generator.size import DEMO, LAST_DAY, SMALL, Size
from ingestion.sandbox.generator.tables import write

__all__ = ["DEMO", "LAST_DAY", "SMALL", "Size", "generate"]

# Each part has a stream of its own, so a change in one leaves the others' bytes alone.
_STREAMS = ("equities", "equity_bars", "crypto", "coins", "bars", "ratios", "flows", "transfers")


def generate(directory: Path, seed: int = 1, size: Size = DEMO, *, null: bool = False) -> None:
    """Write a market directory; `null` plants no effect at all. Raises `SettingsError` where it cannot be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory, seed, size, null=null)
    except OSError as error:
        raise SettingsError(
            f"the market cannot be written to {directory} ({error.strerror}): choose a folder with space that is yours"
        ) from error


def _write(directory: Path, seed: int, size: Size, *, null: bool) -> None:
    stream = {name: np.random.default_rng([seed, number]) for number, name in enumerate(_STREAMS)}
    shares = equities.make(size, stream["equities"], null=null)
    paths = crypto.make(size, shares, stream["crypto"], null=null)
    caps = coins.make(size, paths, stream["coins"], null=null)
    write(directory, "equity_bars", equities.bars(shares, stream["equity_bars"]))
    write(directory, "total_cap", coins.total_rows(caps, paths))
    write(directory, "coin_caps", coins.rows(caps))
    write(directory, "crypto_bars", coins.bar_rows(caps, stream["bars"]))
    write(directory, "exchange_flows", flows.rows(caps, stream["flows"]))
    write(directory, "derivatives_ratios", ratios.rows(size, caps, stream["ratios"], null=null))
    write(directory, "token_transfers", transfers.rows(size, caps, stream["transfers"], null=null))
    truth = {
        "seed": seed,
        "null": null,
        "last_day": str(LAST_DAY),
        "equities": shares.truth,
        "correlation": paths.truth,
        "long_bias": ratios.truth(null=null),
        "netflow": transfers.truth(size, null=null),
        **caps.truth,
        "migration": {
            "from_coin": coins.MIGRATED_FROM,
            "to_coin": coins.MIGRATED_TO,
            "first_day_of_new_coin": str(coins.MIGRATION_DAY),
        },
    }
    _write_truth(directory, truth)


def _write_truth(directory: Path, truth: dict[str, Any]) -> None:
    partial = directory / ".truth.json.partial"
    partial.write_text(json.dumps(truth, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, directory / "truth.json")
