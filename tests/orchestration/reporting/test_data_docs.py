"""Data Docs: every rule of the newest night on pages that ask the network for nothing and believe no text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from ingestion.catalogue import RAW_TABLES
from ingestion.errors import RotationError
from ingestion.warehouse import raw
from orchestration.reporting.data_docs import Site, write_data_docs
from orchestration.reporting.validations import write_validations
from orchestration.validation import ledger
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import LAYERS, suite_of, suites_of

NIGHT = Run("run", date(2026, 1, 16), datetime(2026, 1, 17, 10, 30, tzinfo=UTC))
HOSTILE = "<script>alert(1)</script>\" onmouseover='x' $name ${name}"
YAHOO = suite_of("raw", "yahoo_chart")


@dataclass(frozen=True)
class Built:
    site: Site
    docs: Path

    def page(self, table: str = "raw/yahoo_chart") -> str:
        (page,) = (self.docs / "data_docs" / "validations" / table).rglob("*.html")
        return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A night in which all rules of all tables were kept, but for some of one raw table that was really judged."""
    docs = tmp_path_factory.mktemp("home of $nobody") / "docs"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        ledger.prepare(connection)
        for suite in (suite for layer in LAYERS for suite in suites_of(layer) if suite != YAHOO):
            connection.executemany(
                """insert into meta.validation_results values ('run', '2026-01-16', ?, ?, ?, ?, null, ?, 'passed', 0, 9,
                null, '', '[]', null)""",
                [[NIGHT.checked_at, suite.schema, suite.table, rule.name, rule.severity] for rule in suite.rules],
            )
        raw.prepare(connection, RAW_TABLES)
        connection.execute(
            """insert into raw.yahoo_chart by name
            select if(day = date '2026-01-16', ?, '^RUT') as symbol, day as session_date, 10.0 as open, 10.0 as high,
                if(day = date '2026-01-15', 10.005, 9.0) as low, 10.0 as close, 10.0 as adj_close, 5 as volume,
                1 as _batch_id, timestamptz '2026-01-17 10:30:00+00' as _known_at, hash(day::varchar) as _row_hash
            from (select date '2026-01-16' - d::integer as day from range(4) as r(d)) where isodow(day) < 6""",
            [HOSTILE],
        )
        connection.execute("update raw.yahoo_chart set close = null where session_date = '2026-01-16'")
        assert {rule.name for rule in validate(connection, YAHOO, NIGHT).results if rule.status == "violated"} == {
            "close_to_not_be_null",
            "high_below_low",
        }
        yield Built(write_data_docs(connection, docs, f"Market {HOSTILE}"), docs)


class Page(HTMLParser):
    """The tags, links and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_data(self, data: str) -> None:
        self.text += f" {data} "


def test_every_table_has_its_suite_and_its_results_on_pages_of_bounded_size(built: Built) -> None:
    suites = [suite for layer in LAYERS for suite in suites_of(layer)]
    assert (built.site.tables, built.site.night, built.site.left_out) == (len(suites), NIGHT.night, [])
    index = Page(built.site.index.read_text(encoding="utf-8"))
    assert all(index.text.count(f" {suite.full_name} ") == 2 for suite in suites)
    assert built.site.size == sum(path.stat().st_size for path in built.docs.rglob("*") if path.is_file())
    assert built.site.size < 60_000 * len(suites)


def test_no_page_asks_the_network_or_runs_a_script_and_every_link_leads_somewhere(built: Built) -> None:
    pages = list(built.docs.rglob("*.html"))
    assert len(pages) == 2 * built.site.tables + 1
    for path in pages:
        html = path.read_text(encoding="utf-8")
        page = Page(html)
        assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & page.tags, path
        assert not {name for name in page.attributes if name.startswith("on")}, path
        assert "default-src 'none'" in html
        assert "://" not in html, path
        for link in page.links:
            target = (path.parent / unquote(link.split("#")[0])) if not link.startswith("#") else path
            outside = target.resolve().parent == built.docs.resolve()  # the pages of the night beside the site
            assert target.exists() or outside, f"{path}: {link}"


def test_what_failed_comes_first_with_its_count_its_reason_and_its_keys(built: Built) -> None:
    index = built.site.index.read_text(encoding="utf-8").split("<main>")[1]
    assert index.index("fa-times") < index.index("fa-check-circle")
    page = Page(built.page()).text
    assert re.search(r"\bhigh_below_low \(warning\)\s+1 of 4 rows: the day's high is not below its low", page)
    assert "symbol ^RUT, session_date 2026-01-15" in page
    assert re.search(r"1 unexpected values found\. 25% of 4 total rows", page)
    assert re.search(r"\bsession_on_a_weekend \(critical\)\s+XNYS has no weekend session", page)


def test_text_of_providers_is_text(built: Built) -> None:
    assert HOSTILE in Page(built.page()).text
    for path in built.docs.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "<script" not in html
        assert f"Market {HOSTILE}" in Page(html).text


def test_a_hostile_value_and_an_error_that_repeats_it_are_text_on_both_pages(tmp_path: Path) -> None:
    """A provider's number that came as a text: DuckDB repeats it where a rule computes with it."""
    suite = suite_of("raw", "binance_futures_open_interest")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        raw.prepare(connection, RAW_TABLES)
        connection.execute("alter table raw.binance_futures_open_interest alter sum_open_interest type varchar")
        connection.execute(
            """insert into raw.binance_futures_open_interest by name
            select 'BTCUSDT' as symbol, timestamptz '2026-01-15' as timestamp, ? as period,
                ? as sum_open_interest, 1 as _batch_id, now() as _known_at, 0 as _row_hash""",
            [HOSTILE, HOSTILE],
        )
        judged = {rule.name: rule for rule in validate(connection, suite, NIGHT).results}
        assert judged["period_to_be_in_set"].observed == HOSTILE
        assert f"Could not convert string '{HOSTILE}'" in judged["nobody_holds_a_contract"].message
        site = write_data_docs(connection, tmp_path, "m")
        nights = write_validations(connection, tmp_path / "validations.html", "m").read_text(encoding="utf-8")
    for html in (Built(site, tmp_path).page("raw/binance_futures_open_interest"), nights):
        page = Page(html)
        assert f"Could not convert string '{HOSTILE}'" in page.text
        assert "script" not in page.tags
        assert not {name for name in page.attributes if name.startswith("on")}


def test_a_rule_that_could_not_be_evaluated_is_no_broken_rule(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create table raw.yahoo_chart (symbol varchar, _batch_id bigint)")
        validate(connection, YAHOO, NIGHT)
        site = write_data_docs(connection, tmp_path, "m")
        page = Built(site, tmp_path).page()
    assert "raised an exception" in page
    assert "fa-exclamation-triangle" in page
    assert "fa-times" not in page.split('id="section-2"')[1]


def test_a_text_of_any_length_is_cut(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        ledger.prepare(connection)
        connection.executemany(
            """insert into meta.validation_results values ('run', '2026-01-16', ?, 'raw', 'yahoo_chart', ?, null,
            'critical', 'violated', 9, 9, ?, ?, ?, null)""",
            [
                [NIGHT.checked_at, rule.name, "x" * 10**6, "y" * 10**6, json.dumps([{"k": "z" * 10**5}] * 20)]
                for rule in YAHOO.rules
            ],
        )
        assert write_data_docs(connection, tmp_path, "m").size < 100_000


def test_a_rule_that_no_suite_has_any_more_is_named(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        ledger.prepare(connection)
        connection.executemany(
            """insert into meta.validation_results values ('run', '2026-01-16', ?, 'raw', 'yahoo_chart', ?, null,
            'critical', 'passed', 0, 9, null, '', '[]', null)""",
            [[NIGHT.checked_at, name] for name in ("key_is_unique", "of_yesterday")],
        )
        assert write_data_docs(connection, tmp_path, "m").left_out == ["raw.yahoo_chart.of_yesterday"]


def test_the_site_takes_the_place_of_the_one_before_and_the_page_of_nights_leads_to_it(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        with pytest.raises(RotationError, match="no night has been judged yet"):
            write_data_docs(connection, tmp_path, "m")
        raw.prepare(connection, RAW_TABLES)
        validate(connection, YAHOO, NIGHT)
        page = tmp_path / "validations.html"
        link = 'href="data_docs/index.html"'
        assert link not in write_validations(connection, page, "m").read_text(encoding="utf-8")
        (tmp_path / "data_docs").mkdir()
        (tmp_path / "data_docs" / "of_yesterday.html").touch()
        write_data_docs(connection, tmp_path, "m")
        assert link in write_validations(connection, page, "m").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data_docs", "validations.html"]
    assert not (tmp_path / "data_docs" / "of_yesterday.html").exists()


def test_a_page_that_cannot_be_drawn_is_an_error_and_no_hole(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        ledger.prepare(connection)
        connection.execute(
            """insert into meta.validation_results values ('run', '2026-01-16', ?, 'raw', 'yahoo_chart',
            'close_to_not_be_null', null, 'critical', 'violated', 9, 1, null, '', '[]', null)""",
            [NIGHT.checked_at],
        )
        with pytest.raises(Exception, match="unexpected_count"):  # more refused than there are: no such result exists
            write_data_docs(connection, tmp_path, "m")
    assert not (tmp_path / "data_docs").exists()
