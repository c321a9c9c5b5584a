"""Many archives by one parse give what each gives alone, and one that is odd spoils nothing but itself."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from ingestion import catalogue
from ingestion.answers import answer, read_all
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.sources.binance_vision.bulk import parse_metrics_together
from ingestion.sources.binance_vision.parse import parse_metrics
from ingestion.warehouse import hashing

HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
)
FIRST = date(2026, 1, 1)
(METRICS,) = (each for each in catalogue.datasets() if each.key == ("binance_vision", "metrics"))


def zipped(symbol: str, day: date, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{symbol}-metrics-{day}.csv"), text)
    return buffer.getvalue()


def lines(symbol: str, day: date, times: tuple[str, ...], value: str = "1.5") -> str:
    return HEADER + "".join(f"{day} {at},{symbol},{value},2,3,,5,6\n" for at in times)


def usual(count: int) -> list[tuple[bytes, str, date]]:
    """Files with labels at the start and at the end of their five minutes, blanks, and different lengths."""
    found = []
    for number in range(count):
        symbol, day = f"S{number % 3}USDT", FIRST + timedelta(days=number)
        times = ("00:05:00", "00:10:00") if number % 2 else ("00:00:00", "00:05:00", "23:55:00")
        found.append((zipped(symbol, day, lines(symbol, day, times)), symbol, day))
    return found


def test_one_parse_gives_each_file_the_rows_it_has_alone() -> None:
    files = usual(40)
    together = parse_metrics_together(files)
    assert together is not None
    alone = [parse_metrics(*file) for file in files]
    assert [each.to_pylist() for each in together] == [each.to_pylist() for each in alone]
    assert {row["label_convention"] for each in alone for row in each.to_pylist()} == {"start", "end"}


@pytest.mark.parametrize(
    "odd",
    [
        lines("OTHER", FIRST, ("00:00:00",)),
        lines("ODD", FIRST, ("soon",)),
        lines("ODD", FIRST, ("00:00:00",), value="inf"),
        lines("ODD", FIRST, ("00:00:00",), value="many"),
        HEADER,
        lines("ODD", FIRST, ("00:00:00",)) + "\n\n",
        lines("ODD", FIRST, ("00:00:00",)).removesuffix("\n"),
        lines("ODD", FIRST, ("00:00:00",)).replace("create_time,symbol", "symbol,create_time"),
        lines("ODD", FIRST, ("00:00:00",)).replace("ODD", '"ODD"'),
        "",
        "\n",
    ],
)
def test_a_file_that_is_odd_is_judged_alone_and_the_others_as_ever(odd: str) -> None:
    files = [*usual(30), (zipped("ODD", FIRST, odd), "ODD", FIRST), *usual(30)]
    assert parse_metrics_together(files) is None
    exchanges = [
        Exchange(Request(f"{symbol}/{day}", f"/{symbol}.zip"), Outcome.OK, datetime.now(UTC), body=body)
        for body, symbol, day in files
    ]
    together = read_all(METRICS, exchanges)
    alone = [answer(METRICS, exchange) for exchange in exchanges]
    assert [each.exchange for each in together] == [each.exchange for each in alone]
    assert [[rows.to_pylist() for rows in each.rows] for each in together] == [
        [rows.to_pylist() for rows in each.rows] for each in alone
    ]


def test_a_body_that_is_no_zip_is_judged_alone() -> None:
    assert parse_metrics_together([*usual(2), (b"<html>", "ODD", FIRST)]) is None


def one(kind: str, *values: object) -> list[int]:
    column = pa.chunked_array([pa.array(list(values), kind)])
    return hashing.combined([hashing.column_bits(column)], len(values)).tolist()  # type: ignore[no-any-return]


def test_a_hash_tells_null_zero_and_neighbours_apart_and_minus_zero_is_zero() -> None:
    values = one("float64", None, 0.0, -0.0, 1.0, np.nextafter(1.0, 2.0))
    assert values[1] == values[2]
    assert len(set(values)) == 4
    assert len(set(one("string", None, "", "a", "b"))) == 4
    assert len(set(one("int64", None, 0, 1))) == 3


def test_columns_do_not_change_places_unseen() -> None:
    left, right = (hashing.column_bits(pa.chunked_array([pa.array([value])])) for value in (1.0, 2.0))
    assert hashing.combined([left, right], 1) != hashing.combined([right, left], 1)


def test_what_is_stored_for_ever_never_changes() -> None:
    """Golden values, worked out by the published finalizer on plain integers: a changed one makes every row new."""
    mask = 2**64 - 1

    def mixed(bits: int) -> int:
        bits = (bits + 0x9E3779B97F4A7C15) & mask
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & mask
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & mask
        return bits ^ (bits >> 31)

    word = int.from_bytes(hashlib.blake2b(b"BTCUSDT", digest_size=8).digest(), "big")
    assert one("int64", 0) == [mixed(0)] == [0xE220A8397B1DCDAF]
    assert one("float64", 1.5) == [mixed(0x3FF8000000000000)]
    assert one("string", "BTCUSDT") == [mixed(word)]
