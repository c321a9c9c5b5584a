"""The recorded market, whole: what really happened in January 2026, and no failure over what was not recorded."""

from __future__ import annotations

import pytest
from whole_nights import RECORDED, Place

from tests.recorded import claims_page, references

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded market is not beside this checkout"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("recorded") / "home", RECORDED)
    place.night("2026-01-16")
    place.night("2026-01-22")
    return place


def test_streaks_of_january_2026(place: Place) -> None:
    found = place.published("""
        select session_date::varchar as day, streak_length, last_longer_or_equal_date::varchar as last
        from marts.equity_streaks""").set_index("day")
    assert found.loc[["2026-01-14", "2026-01-16", "2026-01-22"], "streak_length"].tolist() == [9, 11, 14]
    assert found.loc["2026-01-14", "last"] == "2017-09-01"


def test_the_highs_of_january_were_not_fresh_ones(place: Place) -> None:
    rut = place.published("""
        select session_date::varchar as day, is_ath, is_fresh_ath, ytd_return from marts.equity_breakout
        where symbol = '^RUT' and session_date between '2026-01-02' and '2026-01-22'""").set_index("day")
    assert rut.index[rut["is_ath"]].tolist() == [
        *("2026-01-08", "2026-01-09", "2026-01-12", "2026-01-14", "2026-01-15", "2026-01-16"),
        *("2026-01-21", "2026-01-22"),
    ]
    # The high before them was on 11 December 2025, fewer than 60 sessions earlier.
    assert not rut["is_fresh_ath"].any()
    assert rut.loc["2026-01-14", "ytd_return"] == pytest.approx(0.0683, abs=1e-4)


def test_no_day_of_the_total_is_lost_on_the_way(place: Place) -> None:
    found = place.warehouse(f"""
        select count(*) as missing from '{RECORDED}/total_cap.csv'
        where date <= '2026-01-22' and date not in (select date from intermediate.int_total_cap_daily)""")
    assert found["missing"].tolist() == [0]


def test_each_night_keeps_its_own_verdicts(place: Place) -> None:
    claims = place.published("select evaluation_date::varchar as night, claim_id, verdict, reason from marts.claims")
    assert claims.groupby("night")["claim_id"].count().to_dict() == {"2026-01-16": 10, "2026-01-22": 10}
    streak = claims[claims["claim_id"] == "C2"].set_index("night")
    assert streak["verdict"].tolist() == ["supported", "supported"]
    assert streak.loc["2026-01-22", "reason"].startswith("14 sessions in a row")


def test_a_correlation_of_levels_is_called_an_artefact(place: Place) -> None:
    measures = place.published("""
        select metric, verdict, value, ci_low, ci_high, n from marts.claim_measures
        where claim_id = 'C3' and evaluation_date = '2026-01-16'""").set_index("metric")
    assert measures.loc["level_correlation", "verdict"] == "artefact"
    year = measures.loc["pearson_252"]
    assert year["ci_low"] < year["value"] < year["ci_high"]
    assert year["n"] == 252


def test_what_was_not_recorded_is_no_data_and_fails_nothing(place: Place) -> None:
    claims = place.published("""
        select claim_id, verdict, reason from marts.claims where evaluation_date = '2026-01-22'""").set_index(
        "claim_id"
    )
    for claim in ("C5", "C6", "C8"):
        assert claims.loc[claim, "verdict"] == "not_testable"
        assert "no data" in claims.loc[claim, "reason"]


def test_the_committed_tables_are_what_these_nights_say(place: Place) -> None:
    committed = claims_page.PAGE.read_text(encoding="utf-8")
    for night in ("2026-01-16", "2026-01-22"):
        assert claims_page.night_section(place, night) in committed, "run python -m tests.recorded"


def test_the_report_shows_the_rule_and_both_adjustments_beside_a_verdict(place: Place) -> None:
    report = (place.home / "docs" / "report.html").read_text(encoding="utf-8")
    assert "after Holm over 5 tests, &lt; 0.001 across the" in report
    assert "supported when Holm p is at most alpha and the value at least strong" in report


@pytest.mark.parametrize("check", references.checks().values(), ids=references.checks())
def test_a_statistic_is_what_other_libraries_make_of_the_same_prices(place: Place, check: references.Check) -> None:
    check(place)
