"""The registry of wallets: what a list must be, that a wrong one changes nothing, and that every version stays."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from bodies import spoiled_text
from hypothesis import given, settings

from ingestion import catalogue, reference
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_reserves.models import ADDRESSES
from ingestion.sources.registry.dataset import labelled
from ingestion.sources.registry.parse import OPERATOR, PROJECT, parse_wallets
from ingestion.warehouse import raw

NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
NEW = "0x" + "ab" * 20
OWN = reference.wallets("ethereum")[0]
HEADER = "address,exchange,label,chain,source,known_from\n"
ROW = f"{NEW},okx,OKX 1,ethereum,proof of reserves,2025-11-01\n"


def parsed(text: str, origin: str = OPERATOR) -> list[tuple[str, str | None, str, date]]:
    return [(row.address, row.exchange, row.kind, row.known_from) for row in parse_wallets(text.encode(), origin, NOW)]


def test_the_short_header_labels_wallets_of_exchanges() -> None:
    assert parsed(HEADER + ROW) == [(NEW, "okx", "exchange", date(2025, 11, 1))]


def test_the_projects_own_list_is_one() -> None:
    rows = parse_wallets(reference.exchange_wallets(), PROJECT, NOW)
    kinds = [row.kind for row in rows]
    assert (kinds.count("exchange"), kinds.count("collateral"), kinds.count("supply")) == (38, 1, 2)
    assert {row.known_from for row in rows if row.kind == "exchange"} == {date(2022, 11, 10), date(2023, 10, 2)}


def test_checksummed_addresses_and_a_byte_order_mark_are_read() -> None:
    assert parsed("\ufeff" + HEADER + ROW.replace(NEW, NEW.upper().replace("0X", "0x")))[0][0] == NEW


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEADER + ROW + ROW, r"line 3: 0xabab.* is in line 2 already"),
        (HEADER + ROW.replace(NEW, "0x12"), r"line 2: address: .*match pattern"),
        (HEADER + ROW.replace("2025-11-01", "2026-01-18"), r"known from 2026-01-18, which has not come"),
        (HEADER + ROW.replace("2025-11-01", "1.11.2025"), r"line 2: known_from: write the date as YYYY-MM-DD"),
        (HEADER + ROW.replace("2025-11-01", ""), r"line 2: known_from"),
        (HEADER + ROW.replace("okx", "OKX Ltd"), r"line 2: exchange: .*pattern"),
        (HEADER + ROW.replace(",okx,", ",,"), r"line 2: .*a wallet belongs to an exchange: name it"),
        (HEADER + ROW.replace("ethereum", "tron"), r"line 2: chain"),
        (HEADER + ROW.replace(NEW, OWN), r"is a wallet of kind exchange of 'binance' in the project's own list"),
        (
            HEADER + ROW.replace(NEW, reference.contracts("ethereum")[0]),
            r"line 2: 0x.* is the contract of a token and no wallet",
        ),
        ("address,owner\n", r"the header is 'address,owner'"),
        (HEADER + f"{NEW},okx\n", r"has 2 fields"),
    ],
)
def test_a_wrong_list_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parsed(text)


def test_an_address_of_the_projects_list_may_be_repeated_for_the_same_exchange() -> None:
    assert parsed(HEADER + ROW.replace(NEW, OWN).replace("okx", "binance"))[0][0] == OWN


def night(home: Home, day: int) -> dict[Outcome, int]:
    """Read both lists on a night of January 2026."""
    the_night = Night(date(2026, 1, day))
    (dataset,) = (each for each in catalogue.datasets() if each.key == ("registry", "wallets"))
    (found,) = collect_night(home, the_night, [dataset], ProviderUrls(), lambda: the_night.as_of)
    return dict(found.outcomes)


def now_labelled(home: Home) -> list[str]:
    """What the operator's list adds to the wallets that are asked for."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        known = Known(Night(date(2026, 1, 31)), NOW, read=lambda sql: connection.execute(sql).fetchall())
        return sorted(set(labelled(known, "ethereum")) - set(reference.wallets("ethereum")))


def test_every_version_stays_and_a_wrong_list_leaves_the_one_before_in_force(tmp_path: Path) -> None:
    home = Home(home=tmp_path)
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, [ADDRESSES])  # nobody was asked for it here
    file = tmp_path / "wallets.csv"
    assert night(home, 10) == {Outcome.OK: 2}
    assert now_labelled(home) == []
    file.write_text(HEADER + ROW)
    assert night(home, 11) == {Outcome.OK: 2}
    assert now_labelled(home) == [NEW]
    file.write_text(HEADER + "nonsense\n")
    assert night(home, 12) == {Outcome.OK: 1, Outcome.BAD_PAYLOAD: 1}
    assert now_labelled(home) == [NEW]
    other = NEW.replace("ab", "cd")
    file.write_text(HEADER + ROW.replace(NEW, other))
    night(home, 13)
    assert now_labelled(home) == [other]
    file.write_text(HEADER + ROW)
    night(home, 14)
    assert now_labelled(home) == [NEW]
    file.unlink()
    night(home, 15)
    assert now_labelled(home) == []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        kept = connection.execute("select count(*) from raw.registry_wallets where origin = 'operator'").fetchall()
        said = connection.execute("select error from meta.request_outcomes where outcome = 'bad_payload'").fetchall()
    assert kept == [(2,)]
    assert "has 1 fields" in said[0][0]


def test_at_least_a_hundred_tokens_are_configured_and_those_of_the_claims_among_them() -> None:
    rows = reference.tokens()
    assert len({row["contract"] for row in rows}) == len(rows) >= 100
    assert {"ENJ", "FET", "LINK", "AXS", "MATIC", "POL", "JASMY"} <= {row["symbol"] for row in rows}
    assert len({row["symbol"] for row in rows}) == len(rows)  # the grain of daily flows
    ended = {row["symbol"]: row["valid_to"] for row in rows if row["valid_to"]}
    assert ended == {"MATIC": "2024-09-10", "AGIX": "2024-07-01", "OCEAN": "2024-07-01", "MKR": "2024-09-18"}
    assert not {row["contract"] for row in rows} & set(reference.labels("ethereum"))


@pytest.mark.slow
@settings(max_examples=1000)
@given(spoiled_text(HEADER + ROW))
def test_a_thousand_lists_give_rows_or_our_error(spoiled: bytes) -> None:
    with contextlib.suppress(BadPayloadError):
        parse_wallets(spoiled, OPERATOR, NOW)
