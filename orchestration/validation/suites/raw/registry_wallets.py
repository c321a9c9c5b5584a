"""Labelled wallets of every version of both lists."""

from __future__ import annotations

from ingestion.sources.registry.models import WALLETS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never

SUITE = raw_suite(
    WALLETS,
    never("nobodys_wallet", "kind <> 'supply' and exchange is null", why="a wallet belongs to an exchange"),
    never("ends_before_it_begins", "valid_to <= valid_from", why="a validity has a length"),
)
