"""Old landed batches go where somebody asked for it, never before their rows are in raw, and never unnoticed."""

from __future__ import annotations

from datetime import date

import pytest

from ingestion.collect import Collected, replay
from ingestion.errors import LandingError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.forget import forget_landed
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.settings import Home
from tests.ingestion.test_collect import CLOSES, KNOWN, Provider, collect, content, home

__all__ = ["home"]


def three_nights(home: Home) -> None:
    for day, closes in ((16, b"[1, 2]"), (17, b"[1, 3]"), (18, b"[1, 3, 4]")):
        collect(home, CLOSES, Night(date(2026, 1, day)), Provider(SPY=(Outcome.OK, closes), IWM=(Outcome.OK, b"[]")))


def nights(home: Home) -> list[date]:
    return [batch.night for batch in Landing(home.landing).batches()]


def test_batches_before_a_day_go_and_raw_keeps_every_version(home: Home) -> None:
    three_nights(home)
    before = content(home)
    assert forget_landed(home, date(2026, 1, 18)) == 2
    assert nights(home) == [date(2026, 1, 18)]
    assert content(home) == before
    assert collect(home, CLOSES, Night(date(2026, 1, 17)), Provider()) == Collected("example", "closes", 2)


def test_what_is_not_loaded_yet_stays(home: Home) -> None:
    three_nights(home)
    answer = Exchange(Request("SPY", "/SPY"), Outcome.OK, KNOWN, body=b"[9]")
    Landing(home.landing).write("example", "closes", date(2026, 1, 10), [answer])
    assert forget_landed(home, date(2026, 1, 18)) == 2
    assert nights(home) == [date(2026, 1, 18), date(2026, 1, 10)]


def test_raw_is_not_rebuilt_from_a_landing_that_has_lost_batches(home: Home) -> None:
    three_nights(home)
    before = content(home)
    forget_landed(home, date(2026, 1, 17))
    with pytest.raises(LandingError, match=r"1 batches that raw was loaded from are no longer in .*newest is batch 1"):
        replay(home, [CLOSES])
    assert content(home) == before


def test_a_home_without_a_warehouse_has_nothing_to_forget(home: Home) -> None:
    assert forget_landed(home, date(2026, 1, 18)) == 0
