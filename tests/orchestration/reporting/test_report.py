"""The page for a reader: what the night says, what its record is worth, and what it says when there is neither."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import RotationError
from orchestration.reporting.report import write_report

HOSTILE = "<script>alert(1)</script>"
_TABLES = """
    create schema marts; create schema meta;
    create table meta.publications (published_at timestamp, night date, as_of timestamp);
    create table meta.validation_results (night date, status varchar);
    create table meta.batches (source varchar, dataset varchar, table_name varchar, night date, rows_parsed bigint,
        rows_new bigint, rows_changed bigint);
    create table marts.claims (claim_id varchar, evaluation_date date, statement varchar, verdict varchar,
        reason varchar, verdict_rule varchar, p_value double, family_tests bigint, p_across_claims double,
        claims_tested bigint);
    create table marts.claim_measures (claim_id varchar, metric varchar, evaluation_date date);
    create table marts.rotation_signal (session_date date, composite double, coverage double, is_event boolean,
        breakout_score double, netflow_score double, reason varchar);
    create table marts.signal_event_study (evaluation_date date, signal varchar, horizon_sessions bigint,
        model varchar, n_measured bigint, mean_car double, base_rate double, share_positive double, p_holm double,
        family_tests bigint, minimum_detectable double, first_event date);
    create table marts.equity_breakout (session_date date, symbol varchar, close double);
    create table marts.equity_streaks (session_date date, streak_length bigint);
    create table marts.equity_crypto_correlation (session_date date, equity_symbol varchar, crypto_series varchar,
        window_sessions bigint, method varchar, correlation double, ci_low double, ci_high double);
    create table marts.cap_tier_long_bias (date date, ratio_kind varchar, cap_tier varchar, median_ratio double,
        ci_low double, ci_high double);
    create table marts.accumulation_distribution (date date, exchange varchar, symbol varchar, state varchar);
"""
_READING = "insert into marts.rotation_signal values ('2026-01-16', 0.447, 1, false, 1.0, -0.2, '')"
_RECORD = """
    insert into marts.signal_event_study values
        ('2026-01-16', 'rotation_signal', 20, 'market_model', 3, {car}, -0.0047, 0.67, {p}, 14, 0.108, '2024-06-18'),
        ('2026-01-16', 'rotation_signal', 60, 'market_model', 2, 0.9, 0.9, 1, 0.9, 14, 0.9, '2024-06-18')"""


_CROSSED = "insert into marts.rotation_signal values ('2024-06-18', 0.6, 1, true, 1.0, 0.2, '')"


def page(folder: Path, *statements: str) -> str:
    """The words of the page over a published file with these rows: tags taken out, white space made one blank."""
    folder.joinpath("published").mkdir()
    with duckdb.connect(str(folder / "published" / "rotation.duckdb")) as connection:
        connection.execute(_TABLES)
        for statement in statements:
            connection.execute(statement)
    html = write_report(folder / "published", folder / "report.html", "a market").read_text(encoding="utf-8")
    body = html.split("<body>")[1]
    assert HOSTILE not in body
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_reading_stands_beside_its_record(tmp_path: Path) -> None:
    crossed = [_CROSSED.replace("06-18", day) for day in ("06-18", "06-20", "08-01", "10-01")]
    text = page(tmp_path, *crossed, _READING, _RECORD.format(car=0.0218, p=1.0))
    assert "The reading is +0.45 on 2026-01-16" in text
    assert "Since 2024-06-18 the reading rose above its threshold 4 times; 3 of them are more than 20 sessions" in text
    # exp(0.0218) - 1, exp(-0.0047) - 1 and exp(0.108) - 1
    assert "moved +2.2% beyond what Bitcoin's move explains" in text
    assert "after as many random sessions, as volatile as these, -0.5%" in text
    assert "Chance gives as much: p 1 after Holm over 14 tests. Even a true effect of +11.4% would be missed" in text
    assert "Russell 2000 near its high" in text


@pytest.mark.parametrize(("car", "found"), [(0.3, "so much"), (-0.3, "so little")])
def test_a_record_that_chance_seldom_gives_says_in_which_direction(tmp_path: Path, car: float, found: str) -> None:
    text = page(tmp_path, _CROSSED, _READING, _RECORD.format(car=car, p=0.01))
    assert f"Chance seldom gives {found}: p 0.01" in text
    assert "would be missed" not in text


def test_a_reading_without_any_earlier_one_has_no_record(tmp_path: Path) -> None:
    assert "The reading has no record yet" in page(tmp_path, _READING)


def test_a_session_without_a_reading_says_why_and_which_parts_are_missing(tmp_path: Path) -> None:
    text = page(
        tmp_path,
        _READING,
        f"insert into marts.rotation_signal values ('2026-01-20', null, 0.2, false, null, null, 'none {HOSTILE}')",
    )
    assert "There is no reading on 2026-01-20: none &lt;script&gt;" in text
    assert "0.45" not in text
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("no data") == 2


def test_a_part_without_data_is_named_as_such(tmp_path: Path) -> None:
    without = _READING.replace("-0.2", "null")
    assert "tokens leave exchanges" in page(tmp_path, without)
    assert "no data" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verdicts_are_counted_and_every_part_of_a_reason_has_its_line(tmp_path: Path) -> None:
    claim = (
        "insert into marts.claims values ('{0}', '2026-01-16', 'S', '{1}', 'one; two {2}', 'r', null, null, null, null)"
    )
    text = page(
        tmp_path,
        _READING,
        claim.format("C1", "supported", HOSTILE),
        claim.format("C2", "artefact", ""),
        claim.format("C3", "supported", ""),
        claim.format("C4", "not_testable", "").replace("2026-01-16", "2026-01-15"),
    )
    assert "Of the ten claims: 2 supported, 1 artefact." in text
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<li>one</li>") == 3


def test_an_empty_file_gives_a_page_that_says_so(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "There is no reading: no session was collected." in text
    assert "No data: nothing was collected that this picture could show." in text


def test_without_a_published_file_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RotationError, match="run the night first"):
        write_report(tmp_path, tmp_path / "report.html", "a market")
