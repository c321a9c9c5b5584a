"""Old landed batches go where somebody asked for it, never before their rows are in raw, and never unnoticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ingestion.collect import Collected, Send, replay
from ingestion.errors import LandingError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.forget import forget_landed
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.settings import Home
from tests.ingestion.test_collect import CLOSES, Provider, collect, content, home

__all__ = ["home"]


def arrives(day: int, **answers: bytes) -> Send:
    """Answers of a provider that are fetched on the morning after a day of January."""
    provider = Provider(**{unit: (Outcome.OK, body) for unit, body in answers.items()})
    return lambda request: replace(provider(request), fetched_at=morning(day + 1))


def morning(day: int) -> datetime:
    return datetime(2026, 1, day, 10, 30, tzinfo=UTC)


def three_nights(home: Home) -> None:
    for day, closes in ((16, b"[1, 2]"), (17, b"[1, 3]"), (18, b"[1, 3, 4]")):
        collect(home, CLOSES, Night(date(2026, 1, day)), arrives(day, SPY=closes, IWM=b"[]"))


def nights(home: Home) -> list[date]:
    return [batch.night for batch in Landing(home.landing).batches()]


def test_old_batches_go_and_raw_keeps_every_version(home: Home) -> None:
    three_nights(home)
    before = content(home)
    assert forget_landed(home, morning(19)) == 2
    assert nights(home) == [date(2026, 1, 18)]
    assert content(home) == before
    assert collect(home, CLOSES, Night(date(2026, 1, 17)), Provider()) == Collected("example", "closes", 2)


def test_what_is_not_loaded_yet_stays(home: Home) -> None:
    three_nights(home)
    answer = Exchange(Request("SPY", "/SPY"), Outcome.OK, morning(2), body=b"[9]")
    Landing(home.landing).write("example", "closes", date(2026, 1, 10), [answer])
    assert forget_landed(home, morning(19)) == 2
    assert nights(home) == [date(2026, 1, 18), date(2026, 1, 10)]


def test_an_answer_that_nobody_could_read_stays(home: Home) -> None:
    collect(home, CLOSES, Night(date(2026, 1, 16)), arrives(16, SPY=b"not json", IWM=b"[]"))
    assert forget_landed(home, morning(30)) == 0
    assert nights(home) == [date(2026, 1, 16)]


def test_what_came_lately_stays_whatever_day_it_is_about(home: Home) -> None:
    collect(home, CLOSES, Night(date(2026, 1, 16)), arrives(16, SPY=b"[1]", IWM=b"[]"))
    collect(home, CLOSES, Night(date(2024, 3, 31)), arrives(20, SPY=b"[2]", IWM=b"[]"))
    assert forget_landed(home, morning(20)) == 1
    assert nights(home) == [date(2024, 3, 31)]


def test_a_number_that_was_let_go_is_not_given_again(home: Home) -> None:
    three_nights(home)
    assert forget_landed(home, morning(30)) == 3
    assert collect(home, CLOSES, Night(date(2026, 1, 19)), arrives(19, SPY=b"[1, 3, 5]", IWM=b"[]")).rows_added == 1
    assert [batch.batch_id for batch in Landing(home.landing).batches()] == [4]


def test_raw_is_not_rebuilt_from_a_landing_that_has_let_go(home: Home) -> None:
    three_nights(home)
    forget_landed(home, morning(18))
    with pytest.raises(LandingError, match=r"1 batches .* no longer in .*newest is batch 1"):
        replay(home, [CLOSES])
    home.warehouse.write_bytes(b"no database")
    with pytest.raises(LandingError, match="has let go of old batches and says so in forgotten"):
        replay(home, [CLOSES])
