"""Binance's archive: documented rows, each trap by name, and what a missing, late or re-issued file means."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from bodies import spoiled_text
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import catalogue, reference
from ingestion.collect import Dataset, Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.nightly import run_night
from ingestion.settings import Home
from ingestion.sources.binance_vision.dataset import funding_file, klines_file, metrics_file
from ingestion.sources.binance_vision.parse import (
    parse_checksum,
    parse_funding,
    parse_klines,
    parse_listing,
    parse_metrics,
)

SAMPLES = Path(__file__).parents[4] / "shared" / "real" / "derivatives" / "binance_um_metrics_row_samples.csv"
HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)
DAY = date(2025, 7, 1)
ROW = "2025-07-01 00:05:00,ETHUSDT,1893129.089,4706583953.32646,1.91519612,3.27485900,1.46745437,1.08735800"
NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
FUNDING_HEADER = "calc_time,funding_interval_hours,last_funding_rate"
BAR = "1751328000000000,2500.1,2510,2490,2505.5,100,1751331599999999,250000,321,50,125000,0"


def zipped(name: str, *lines: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "\n".join(lines) + "\n")
    return buffer.getvalue()


def metrics(*rows: str, day: date = DAY, symbol: str = "ETHUSDT") -> pa.Table:
    return parse_metrics(zipped(f"{symbol}-metrics-{day}.csv", HEADER, *rows), symbol, day)


def labelled(*labels: str, symbol: str = "ETHUSDT") -> list[str]:
    return [f"{label},{symbol},1,1,1,1,1,1" for label in labels]


def dataset(name: str) -> Dataset:
    (found,) = (each for each in catalogue.every_dataset() if each.key == ("binance_vision", name))
    return found


def test_the_documented_row() -> None:
    (row,) = metrics(ROW).to_pylist()
    assert (row["sum_open_interest"], row["count_long_short_ratio"], row["sum_taker_long_short_vol_ratio"]) == (
        1893129.089,
        1.46745437,
        1.087358,
    )
    assert (row["create_time"], row["file_date"]) == (datetime(2025, 7, 1, 0, 5), DAY)


@pytest.mark.skipif(not SAMPLES.is_file(), reason="the recorded rows are not beside this checkout")
def test_the_recorded_rows_are_read_whole() -> None:
    header, *rows = SAMPLES.read_text(encoding="utf-8").splitlines()
    assert header == HEADER
    for row in rows:
        stamp, symbol, held, *_ = row.split(",")
        day = date.fromisoformat(stamp[:10])
        (read,) = metrics(row, day=day, symbol=symbol).to_pylist()
        assert read["sum_open_interest"] == float(held)
        assert all(read[name] is not None for name in read)


@pytest.mark.parametrize(
    ("day", "labels", "convention"),
    [
        (date(2026, 6, 24), ["2026-06-24 00:05:00", "2026-06-25 00:00:00"], "end"),
        (date(2026, 6, 25), ["2026-06-25 00:00:00", "2026-06-25 23:55:00"], "start"),
        (date(2024, 1, 15), ["2024-01-15 00:00:00", "2024-01-15 23:55:00"], "start"),
        (date(2025, 7, 1), ["2025-07-01 00:05:00"], "end"),
        (date(2024, 2, 16), ["2024-02-16 10:00:00", "2024-02-17 00:00:00"], "end"),
    ],
    ids=[
        "the last day of end labels",
        "the label shift of 2026-06-25",
        "an older fixture",
        "a lone row",
        "a short day",
    ],
)
def test_the_label_shift_is_found_in_each_file_and_by_no_date(day: date, labels: list[str], convention: str) -> None:
    rows = metrics(*labelled(*labels), day=day)
    assert set(rows["label_convention"].to_pylist()) == {convention}


def test_the_label_of_2026_06_25_midnight_is_in_two_files_and_neither_row_is_lost() -> None:
    midnight = "2026-06-25 00:00:00"
    ended = metrics(*labelled("2026-06-24 00:05:00", midnight), day=date(2026, 6, 24))
    begun = metrics(*labelled(midnight), day=date(2026, 6, 25))
    keys = [(row["file_date"], row["create_time"]) for row in (*ended.to_pylist(), *begun.to_pylist())]
    assert len(set(keys)) == 3


def stored_hours(folder: Path, *hours: int) -> tuple[list[int], list[tuple[int, int, int]]]:
    """The hours that raw holds of a file with rows of these, and rows parsed, new and doubled."""
    labels = [f"2025-07-01 {hour:02d}:00:00" for hour in hours]
    body = zipped("BTCUSDT-metrics-2025-07-01.csv", HEADER, *labelled(*labels, symbol="BTCUSDT"))
    assert parse_metrics(body, "BTCUSDT", DAY).num_rows == len(hours)
    load(folder, {"BTCUSDT/2025-07-01": body})
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        stored = connection.execute("select create_time from raw.binance_vision_metrics order by 1").fetchall()
        batches = connection.execute("select rows_parsed, rows_new, rows_duplicated from meta.batches").fetchall()
    return [moment.hour for (moment,) in stored], batches


def test_doubled_rows_are_one_row_in_raw_and_are_counted(tmp_path: Path) -> None:
    """2020-09-01 of BTCUSDT has every row twice."""
    assert stored_hours(tmp_path, 1, 1, 2, 2, 3, 3) == ([1, 2, 3], [(6, 3, 3)])


def test_rows_out_of_order_lose_nothing(tmp_path: Path) -> None:
    """2024-08-08 of BTCUSDT has 74 breaks of order."""
    assert stored_hours(tmp_path, 3, 1, 2, 5, 4) == ([1, 2, 3, 4, 5], [(5, 5, 0)])


def test_a_short_day_is_complete_and_its_missing_rows_are_not_made_up(tmp_path: Path) -> None:
    """2024-02-16 has 163 of 288 rows."""
    labels = [f"2025-07-01 {minute // 60:02d}:{minute % 60:02d}:00" for minute in range(5, 5 + 163 * 5, 5)]
    body = zipped("BTCUSDT-metrics-2025-07-01.csv", HEADER, *labelled(*labels, symbol="BTCUSDT"))
    load(tmp_path, {"BTCUSDT/2025-07-01": body})
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        assert connection.execute("select count(*) from raw.binance_vision_metrics").fetchall() == [(163,)]


def test_blank_cells_are_null_and_not_zero() -> None:
    (blank,) = metrics("2025-07-01 00:05:00,ETHUSDT,,,,,,").to_pylist()
    assert [blank[name] for name in ("sum_open_interest", "count_long_short_ratio")] == [None, None]


def test_zero_open_interest_is_kept_as_delivered() -> None:
    """2022-03-07 and 08 have it; that nothing was open is not believed, but that is no matter of reading."""
    (zero,) = metrics("2025-07-01 00:10:00,ETHUSDT,0,0,1,1,1,1").to_pylist()
    assert (zero["sum_open_interest"], zero["sum_open_interest_value"]) == (0.0, 0.0)


def test_a_header_alone_is_an_empty_day() -> None:
    assert metrics().num_rows == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<Error><Code>NoSuchKey</Code></Error>", "not the zip"),
        (zipped("OTHER-metrics-2025-07-01.csv", HEADER, ROW), "should hold ETHUSDT-metrics-2025-07-01.csv alone"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER, ROW.replace("ETHUSDT", "BTCUSDT")), "another symbol"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER, ROW.replace("1893129.089", "many")), "not the metrics"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER, ROW.replace("1893129.089", "inf")), "something else"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER, ROW.replace("2025-07-01 00:05:00", "")), "without a time"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER.replace("create_time", "time"), ROW), "not the metrics"),
        (zipped("ETHUSDT-metrics-2025-07-01.csv", HEADER, ROW)[:-30], "not the zip"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_metrics(body, "ETHUSDT", DAY)


def test_a_thousand_coin_contract_and_1inch_are_each_read_under_their_own_name() -> None:
    for symbol in ("1000SHIBUSDT", "1INCHUSDT"):
        (row,) = metrics(ROW.replace("ETHUSDT", symbol), symbol=symbol).to_pylist()
        assert row["symbol"] == symbol
    coins = {each.perpetual: (each.coin_id, each.coins_per_contract) for each in reference.perpetuals()}
    assert (coins["1000SHIBUSDT"], coins["1INCHUSDT"]) == (("shiba-inu", 1000), ("1inch", 1))


def test_old_klines_have_no_header_and_stamps_of_spot_are_microseconds_since_2025() -> None:
    name = "ETHUSDT-1h-2025-07-01"
    plain = parse_klines(zipped(f"{name}.csv", BAR), "ETHUSDT", "1h", name)
    headed = parse_klines(zipped(f"{name}.csv", "open_time,open", BAR), "ETHUSDT", "1h", name)
    assert plain.equals(headed)
    old = BAR.replace("1751328000000000", "1719792000000").replace("1751331599999999", "1719795599999")
    rows = parse_klines(zipped("ETHUSDT-1h-2024-07-01.csv", old), "ETHUSDT", "1h", "ETHUSDT-1h-2024-07-01")
    moments = [rows["open_time"][0].as_py(), plain["open_time"][0].as_py()]
    assert moments == [datetime(2024, 7, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)]


def funding(*rows: str) -> list[dict[str, Any]]:
    name = "BTCUSDT-fundingRate-2025-07"
    found: list[dict[str, Any]] = parse_funding(
        zipped(f"{name}.csv", FUNDING_HEADER, *rows), "BTCUSDT", name
    ).to_pylist()
    return found


def test_the_documented_funding_row_and_its_jitter() -> None:
    first, second = funding("1751328000007,8,0.00008191", "1751356800000,4,-0.0001")
    assert (first["funding_interval_hours"], first["last_funding_rate"]) == (8, 0.00008191)
    assert first["funding_minute"] == datetime(2025, 7, 1, tzinfo=UTC)
    assert first["calc_time"] == datetime(2025, 7, 1, 0, 0, 0, 7000, tzinfo=UTC)
    assert second["funding_minute"] == datetime(2025, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("row", ["1751328000007,8,", ",8,0.1", "1754006400000,8,0.1", "x,8,0.1", "1751328000007,8,nan"])
def test_a_settlement_without_its_rate_or_outside_its_month_is_refused(row: str) -> None:
    with pytest.raises(BadPayloadError):
        funding(row)


def test_a_checksum_names_its_file() -> None:
    digest = "ab" * 32
    assert parse_checksum(f"{digest.upper()}  A.zip\n".encode(), "A.zip") == digest
    for said in (f"{digest}  B.zip\n", "<html>", "", f"{digest[:-1]}  A.zip"):
        with pytest.raises(BadPayloadError):
            parse_checksum(said.encode(), "A.zip")


class Archive:
    """Files by unit; what is not there is a 404. Remembers what was asked.

    `stated`: the files that checksums were made of where they are others; `listing`: what is answered to every listing.
    """

    def __init__(
        self, files: dict[str, bytes], stated: dict[str, bytes] | None = None, listing: bytes | None = None
    ) -> None:
        self.files, self.stated, self.listing, self.asked = files, stated or {}, listing, list[str]()

    def __call__(self, request: Request) -> Exchange:
        self.asked.append(request.params.get("prefix", request.path).rsplit("/", 1)[1])
        if request.kind == "listing" and self.listing is not None:
            return Exchange(request, Outcome.OK, NOW, 200, body=self.listing)
        body = self.files.get(request.unit) if request.kind != "listing" else None
        if body is None:
            return Exchange(request, Outcome.NOT_FOUND, NOW, 404, body=b"<Error><Code>NoSuchKey</Code></Error>")
        if request.kind == "checksum":
            digest = hashlib.sha256(self.stated.get(request.unit, body)).hexdigest()
            body = f"{digest}  {request.path.rsplit('/', 1)[1].removesuffix('.CHECKSUM')}\n".encode()
        return Exchange(request, Outcome.OK, NOW, 200, body=body)


def load(
    folder: Path, files: dict[str, bytes], night: date = DAY, archive: Archive | None = None
) -> dict[Outcome, int]:
    """One night of the given metrics files, and nothing else."""
    wanted = dataset("metrics")
    plan = lambda _night, _known: [metrics_file(*named(unit)).request() for unit in files]  # noqa: E731
    only = Dataset(*wanted.key, wanted.tables, plan, wanted.fetch)
    (found,) = run_night(Home(home=folder), Night(night), [only], lambda _dataset: archive or Archive(files))
    return dict(found.outcomes)


def named(unit: str) -> tuple[str, date]:
    symbol, day = unit.split("/")
    return symbol, date.fromisoformat(day)


def test_a_file_that_is_not_what_its_checksum_states_is_refused(tmp_path: Path) -> None:
    """STXXUSDT and HBARUSDC of 2026-07-09 did not match."""
    body = zipped("BTCUSDT-metrics-2025-07-01.csv", HEADER, *labelled("2025-07-01 00:05:00", symbol="BTCUSDT"))
    unit = "BTCUSDT/2025-07-01"
    assert load(tmp_path, {unit: body}, archive=Archive({unit: body}, {unit: b"other"})) == {Outcome.BAD_PAYLOAD: 1}


def test_a_silent_re_issue_is_downloaded_again_and_an_unchanged_file_is_not(tmp_path: Path) -> None:
    unit = "BTCUSDT/2025-07-01"
    first, second = (
        zipped("BTCUSDT-metrics-2025-07-01.csv", HEADER, f"2025-07-01 00:05:00,BTCUSDT,{held},1,1,1,1,1")
        for held in (1, 2)
    )
    asked = []
    for days, body in enumerate((first, first, second)):
        archive = Archive({unit: body})
        load(tmp_path, {unit: body}, DAY + timedelta(days=days), archive)
        asked.append(archive.asked)
    name = "BTCUSDT-metrics-2025-07-01.zip"
    assert asked == [[f"{name}.CHECKSUM", name], [f"{name}.CHECKSUM"], [f"{name}.CHECKSUM", name]]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        versions = connection.execute("select sum_open_interest from raw.binance_vision_metrics order by 1").fetchall()
    assert versions == [(1.0,), (2.0,)]


def looked_at(nights: list[int], *, kind: str = "metrics") -> list[int]:
    """Of a file that was complete on the night of its day: on which of these ages it is asked for again."""
    (row,) = (row for row in catalogue.entries() if (row.provider, row.dataset) == ("binance_vision", kind))
    day, seen, found = date(2026, 1, 1), [date(2026, 1, 1)], []
    for age in nights:
        night = Night(day + timedelta(days=age))
        known = Known(night, NOW, completed={"BTCUSDT/2026-01-01": list(seen)})
        if "BTCUSDT/2026-01-01" in {request.unit for request in dataset(kind).plan(night, known)}:
            found.append(age)
            seen.append(night.day)
    assert row.trailing == max(row.rechecked) == 30
    return found


def test_a_checksum_is_looked_at_again_over_thirty_days_at_the_cost_of_seven() -> None:
    assert looked_at(list(range(1, 60))) == [1, 2, 4, 8, 15, 22, 30]


def test_a_look_that_fell_on_a_night_that_was_skipped_is_made_up_for() -> None:
    assert looked_at([3, 9, 10, 25, 26, 40, 41]) == [3, 9, 25, 40]


@pytest.mark.parametrize(
    ("name", "request_of", "outcome"),
    [
        ("metrics", metrics_file("LENDUSDT", date(2026, 1, 10)).request(), Outcome.NOT_FOUND),
        ("metrics", metrics_file("BTCUSDT", date(2026, 1, 16)).request(), Outcome.NOT_YET),
        ("klines", klines_file("BTCUSDT", "1h", date(2025, 12, 31), monthly=True).request(), Outcome.NOT_FOUND),
        ("funding", funding_file("BTCUSDT", date(2025, 12, 31)).request(), Outcome.NOT_FOUND),
    ],
    ids=["an old contract", "the newest day", "a month long past", "funding of a month long past"],
)
def test_a_404_is_late_or_absent_and_never_a_zero(name: str, request_of: Request, outcome: Outcome) -> None:
    known = Known(Night(date(2026, 1, 16)), NOW)
    assert [each.outcome for each in dataset(name).fetch(request_of, Archive({}), known)] == [outcome]


def test_funding_of_the_month_before_may_be_late_in_the_first_days_of_the_next() -> None:
    known = Known(Night(date(2026, 2, 3)), NOW)
    request = funding_file("BTCUSDT", date(2026, 1, 31)).request()
    assert [each.outcome for each in dataset("funding").fetch(request, Archive({}), known)] == [Outcome.NOT_YET]


def test_funding_is_asked_by_finished_months_alone() -> None:
    known = Known(Night(date(2026, 1, 16)), NOW)
    asked = {request.unit.split("/")[1] for request in dataset("funding").plan(known.night, known)}
    assert asked == {"2025-12"}


LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>data.binance.vision</Name>
<Prefix>{prefix}</Prefix>
<Marker></Marker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{files}</ListBucketResult>"""
LISTED = """<Contents><Key>{key}</Key><LastModified>2025-07-02T08:41:07.000Z</LastModified>
<ETag>&quot;{etag}&quot;</ETag>
<Size>98</Size><StorageClass>STANDARD</StorageClass></Contents>"""
FOLDER = "data/futures/um/daily/metrics/BTCUSDT"
LATER = date(2025, 12, 31)


def history(*days: str) -> dict[str, bytes]:
    return {
        f"BTCUSDT/{day}": zipped(f"BTCUSDT-metrics-{day}.csv", HEADER, *labelled(f"{day} 00:05:00", symbol="BTCUSDT"))
        for day in days
    }


def listing_of(files: dict[str, bytes]) -> bytes:
    """What the bucket says of these zips and of their checksum files."""
    listed = []
    for unit, body in files.items():
        name = f"{unit.replace('/', '-metrics-')}.zip"
        line = f"{hashlib.sha256(body).hexdigest()}  {name}\n".encode()
        for key, content in ((name, body), (f"{name}.CHECKSUM", line)):
            listed.append(LISTED.format(key=f"{FOLDER}/{key}", etag=hashlib.md5(content).hexdigest()))  # noqa: S324
    return LISTING.format(prefix=f"{FOLDER}/BTCUSDT-metrics-2025-", files="".join(listed)).encode()


def landed(folder: Path) -> list[tuple[str, str, str]]:
    """Unit, kind and outcome of every request of a home."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        return connection.execute("select unit, kind, outcome from meta.request_outcomes order by position").fetchall()


def test_one_listing_vouches_for_a_history_and_no_checksum_is_asked_for(tmp_path: Path) -> None:
    files = history("2025-07-01", "2025-07-02", "2025-07-03")
    archive = Archive(files, listing=listing_of(files))
    assert load(tmp_path, files, LATER, archive) == {Outcome.OK: 3}
    zips = [f"BTCUSDT-metrics-2025-07-0{day}.zip" for day in (1, 2, 3)]
    assert archive.asked == ["BTCUSDT-metrics-2025-", *zips]
    assert landed(tmp_path) == [
        ("BTCUSDT/2025-07-01", "listing", "ok"),
        *((f"BTCUSDT/2025-07-0{day}", "data", "ok") for day in (1, 2, 3)),
    ]


def test_a_zip_that_the_listing_does_not_vouch_for_is_held_to_its_checksum_file(tmp_path: Path) -> None:
    """One was issued again since it was listed, one is damaged, one is not listed: none is taken on trust."""
    files = history("2025-07-01", "2025-07-02", "2025-07-03")
    reissued, damaged, new = files
    listing = listing_of({reissued: b"what it was", damaged: b"what it should be"})
    archive = Archive(files, {damaged: b"what it should be"}, listing)
    assert load(tmp_path, files, LATER, archive) == {Outcome.OK: 2, Outcome.BAD_PAYLOAD: 1}
    names = [f"BTCUSDT-metrics-2025-07-0{day}.zip" for day in (1, 2, 3)]
    assert archive.asked == [
        "BTCUSDT-metrics-2025-",
        *(names[0], f"{names[0]}.CHECKSUM", names[1], f"{names[1]}.CHECKSUM", f"{names[2]}.CHECKSUM", names[2]),
    ]
    assert [row for row in landed(tmp_path) if row[0] in {damaged, new}] == [
        *((damaged, "checksum", "ok"), (damaged, "data", "bad_payload")),
        *((new, "checksum", "ok"), (new, "data", "ok")),
    ]


@pytest.mark.parametrize(("status", "outcome"), [(503, Outcome.SERVER_ERROR), (404, Outcome.NOT_FOUND)])
def test_a_zip_that_nothing_vouches_for_is_landed_not_loaded_and_asked_for_again(
    tmp_path: Path, status: int, outcome: Outcome
) -> None:
    """It is there, so it is no hole, also where its checksum file is missing."""

    class WithoutChecksums(Archive):
        def __call__(self, request: Request) -> Exchange:
            if request.kind == "checksum":
                return Exchange(request, outcome, NOW, status)
            return super().__call__(request)

    files = history("2025-07-01")
    (unit,) = files
    archive = WithoutChecksums(files, listing=listing_of({unit: b"another"}))
    assert load(tmp_path, files, LATER, archive) == {Outcome.BAD_PAYLOAD: 1}
    assert landed(tmp_path) == [
        (unit, "listing", "ok"),
        (unit, "checksum", outcome),
        (unit, "data", "bad_payload"),
    ]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        assert connection.execute("select count(*) from raw.binance_vision_metrics").fetchall() == [(0,)]


@pytest.mark.parametrize("listing", [None, b"<html>", b"<Error><Code>AccessDenied</Code></Error>"])
def test_an_address_without_listings_is_asked_for_one_once_and_then_for_checksums(
    tmp_path: Path, listing: bytes | None
) -> None:
    files = history("2025-07-01", "2024-07-01")
    archive = Archive(files, listing=listing)
    assert load(tmp_path, files, LATER, archive) == {Outcome.OK: 2}
    first, second = "BTCUSDT-metrics-2025-07-01.zip", "BTCUSDT-metrics-2024-07-01.zip"
    assert archive.asked == ["BTCUSDT-metrics-2025-", f"{first}.CHECKSUM", first, f"{second}.CHECKSUM", second]
    assert landed(tmp_path)[0][1:] == ("listing", "bad_payload" if listing else "not_found")


def test_a_listed_file_that_is_gone_is_missing_and_no_other_request_hides_it(tmp_path: Path) -> None:
    files = history("2025-07-01")
    archive = Archive({}, listing=listing_of(files))
    assert load(tmp_path, files, LATER, archive) == {Outcome.NOT_FOUND: 1}
    assert archive.asked == ["BTCUSDT-metrics-2025-", "BTCUSDT-metrics-2025-07-01.zip"]


@given(
    st.one_of(
        spoiled_text("\n".join([HEADER, ROW])),
        spoiled_text("\n".join([FUNDING_HEADER, "1751328000007,8,0.1"])),
        spoiled_text(listing_of({"BTCUSDT/2025-07-01": b""}).decode()),
    )
)
@settings(max_examples=1000)
def test_any_body_gives_rows_or_our_error(said: bytes) -> None:
    def packed(name: str) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, said)
        return buffer.getvalue()

    for read in (
        lambda: parse_metrics(packed("ETHUSDT-metrics-2025-07-01.csv"), "ETHUSDT", DAY),
        lambda: parse_metrics(said, "ETHUSDT", DAY),
        lambda: parse_klines(packed("ETHUSDT-1h-2025-07-01.csv"), "ETHUSDT", "1h", "ETHUSDT-1h-2025-07-01"),
        lambda: parse_funding(packed("BTCUSDT-fundingRate-2025-07.csv"), "BTCUSDT", "BTCUSDT-fundingRate-2025-07"),
        lambda: parse_checksum(said, "A.zip"),
        lambda: parse_listing(said),
    ):
        with contextlib.suppress(BadPayloadError):
            read()
