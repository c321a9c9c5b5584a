"""Where Yahoo leaves a gap the next provider fills it, an ordinary night asks nothing extra, and the mart says who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest
import yaml

from ingestion import catalogue
from ingestion.calendars import sessions
from ingestion.catalogue import RAW_TABLES
from ingestion.collect import Collected
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox import server
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse import raw
from orchestration.nights import newest_vintage
from orchestration.transform import PROJECT, Dbt
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import suite_of

NIGHT = Night(date(2026, 1, 16))
SYMBOLS = {"^RUT": 2600.0, "^GSPC": 6900.0, "IWM": 260.0, "SPY": 690.0}
EQUITY = ("yahoo", "cboe", "nasdaq", "fred")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"Too Many Requests"
        self.send_response(429)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """A provider that answers 429 to everything."""
    refuser = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=refuser.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{refuser.server_port}"
    refuser.shutdown()
    refuser.server_close()


def market(folder: Path, *, without: tuple[str, date] | None = None) -> Path:
    """Bars of December and January whose close rises by a tenth a session."""
    folder.mkdir()
    lines = ["symbol,session_date,open,high,low,close,volume"]
    for symbol, level in SYMBOLS.items():
        for number, day in enumerate(sessions(date(2025, 12, 1), date(2026, 1, 30))):
            if (symbol, day) != without:
                close = level + number / 10
                lines.append(f"{symbol},{day},{close},{close + 1},{close - 1},{close},1000")
    (folder / "equity_bars.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The sandbox over a whole market, and under `yahoo_late` Yahoo as it is when a session has not come."""
    folder = tmp_path_factory.mktemp("markets")
    with ExitStack() as stack:
        whole = stack.enter_context(server.serve(market(folder / "whole"), NIGHT.day))
        late = stack.enter_context(server.serve(market(folder / "late", without=("IWM", NIGHT.day)), NIGHT.day))
        yield {f"{name}_url": f"{whole}/{name}" for name in EQUITY} | {"yahoo_late": f"{late}/yahoo"}


def collect(home: Home, served: dict[str, str], night: Night = NIGHT, **instead: str) -> dict[str, Collected]:
    """A night of the equity providers; `instead` replaces addresses."""
    addresses = {name: url for name, url in served.items() if name.endswith("_url")} | instead
    wanted = [dataset for dataset in catalogue.datasets() if dataset.source in EQUITY]
    found = collect_night(
        home, night, wanted, ProviderUrls.model_validate(addresses), lambda: night.as_of, sleep=lambda _seconds: None
    )
    return {f"{each.source}/{each.dataset}": each for each in found}


def query(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse)) as connection:
        return connection.execute(sql).fetchall()


def test_an_ordinary_night_asks_for_three_checks_and_no_bars(tmp_path: Path, served: dict[str, str]) -> None:
    found = collect(Home(home=tmp_path), served)
    assert {name: dict(each.outcomes) for name, each in found.items()} == {
        "yahoo/chart": {Outcome.OK: 4},
        "cboe/closes": {Outcome.OK: 2},
        "cboe/bars": {},
        "nasdaq/bars": {},
        "fred/closes": {Outcome.OK: 1},
    }


def test_a_session_that_has_not_come_is_asked_of_the_next_provider_once(tmp_path: Path, served: dict[str, str]) -> None:
    home = Home(home=tmp_path)
    first = collect(home, served, yahoo_url=served["yahoo_late"])
    assert (dict(first["cboe/bars"].outcomes), dict(first["nasdaq/bars"].outcomes)) == ({Outcome.OK: 1}, {})
    assert query(home, "select distinct symbol from raw.cboe_bars") == [("IWM",)]
    # Monday's night is a session further, on which all is well; Friday's gap is filled already.
    again = collect(home, served, Night(date(2026, 1, 17)), yahoo_url=served["yahoo_late"])
    assert dict(again["cboe/bars"].outcomes) == {}


def test_nasdaq_is_asked_for_the_funds_alone_when_cboe_refuses_too(
    tmp_path: Path, served: dict[str, str], refusing: str
) -> None:
    home = Home(home=tmp_path)
    found = collect(home, served, yahoo_url=refusing, cboe_url=refusing)
    assert dict(found["yahoo/chart"].outcomes) == {Outcome.RATE_LIMITED: 4}
    assert dict(found["cboe/bars"].outcomes) == {Outcome.RATE_LIMITED: 3}
    assert dict(found["nasdaq/bars"].outcomes) == {Outcome.OK: 2}
    days = len(sessions(date(2025, 12, 1), NIGHT.day))
    bars = query(home, "select symbol, count(*), max(close), max(volume) from raw.nasdaq_bars group by 1 order by 1")
    assert bars == [(symbol, days, pytest.approx(SYMBOLS[symbol] + (days - 1) / 10), 1000) for symbol in ("IWM", "SPY")]


def test_a_quarantined_bar_is_a_gap(tmp_path: Path, served: dict[str, str]) -> None:
    home = Home(home=tmp_path)
    collect(home, served)
    query(
        home,
        "insert into quarantine.yahoo_chart by name select _batch_id, _row_hash, 'close_outside_range' as reason"
        " from raw.yahoo_chart where symbol = 'SPY' and session_date = date '2026-01-15'",
    )
    found = collect(home, served, Night(date(2026, 1, 17)))
    assert dict(found["cboe/bars"].outcomes) == {Outcome.OK: 1}
    assert query(home, "select distinct symbol from raw.cboe_bars") == [("SPY",)]


def test_models_prefer_providers_in_the_order_of_the_catalogue() -> None:
    preferred = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["equity_bars"]["providers"]
    assert preferred == ["yahoo", *catalogue.entry("yahoo", "chart").fallback]
    (last,) = (each for each in catalogue.entries() if (each.provider, each.dataset) == ("nasdaq", "bars"))
    assert last.after == (("yahoo", "chart"), ("cboe", "bars"))


@pytest.mark.slow
def test_blocked_at_yahoo_the_marts_have_cboes_bars_and_say_so(
    tmp_path: Path, served: dict[str, str], refusing: str
) -> None:
    """The late session comes back to Yahoo's own bar once Yahoo answers; a disagreement is a warning with its key."""
    home = Home(home=tmp_path)
    collect(home, served, yahoo_url=refusing)
    assert build(home) == []
    mart = "select symbol, provider, count(*) from marts.equity_breakout group by all order by all"
    days = len(sessions(date(2025, 12, 1), NIGHT.day))
    assert query(home, mart) == [(symbol, "cboe", days) for symbol in ("IWM", "SPY", "^GSPC", "^RUT")]
    index = "select bool_and(high is null), max(ytd_return) > 0 from marts.equity_breakout "
    index += "join intermediate.int_equity_bars using (symbol, session_date) where symbol = '^RUT'"
    assert query(home, index) == [(True, True)]
    assert disagreements(home) == ("passed", None)

    collect(home, served, Night(date(2026, 1, 17)))
    assert build(home) == []
    assert query(home, mart) == [(symbol, "yahoo", days) for symbol in ("IWM", "SPY", "^GSPC", "^RUT")]
    checks = "select symbol, check_provider, count(*), bool_and(agrees) "
    checks += "from intermediate.int_equity_close_agreement group by all order by all"
    assert query(home, checks) == [
        ("IWM", "cboe", days, True),
        ("SPY", "cboe", days, True),
        ("^GSPC", "cboe", days, True),
        ("^GSPC", "fred", days, True),
        ("^RUT", "cboe", days, True),
    ]
    query(home, "update raw.fred_closes set close = close + 0.02 where session_date = date '2026-01-15'")
    assert disagreements(home) == (
        "violated",
        {"symbol": "^GSPC", "session_date": "2026-01-15", "check_provider": "fred"},
    )


def build(home: Home) -> list[str]:
    """Build the breakout mart and its parents as the night does; what went wrong."""
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    selection = ["equity_symbols", "+equity_breakout", "+int_equity_close_agreement"]
    results = Dbt(home).build(selection, newest_vintage(home))
    return [f"{each.unique_id}: {each.message}" for each in results if not each.ok]


def disagreements(home: Home) -> tuple[str, object]:
    """The status of the cross-source rule and the first key it refused."""
    suite = suite_of("intermediate", "int_equity_close_agreement")
    (found,) = validate_layer(home.warehouse, [suite], Run("run", NIGHT.day, NIGHT.as_of))
    (rule,) = (each for each in found.results if each.name == "closes_disagree")
    assert rule.severity == "warning"
    return rule.status, rule.sample_keys[0] if rule.sample_keys else None
