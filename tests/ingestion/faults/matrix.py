"""The faults: what goes wrong on the way, in a status, in a body, and in the rows of an answer that looks right."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from tests.ingestion.faults import bodies
from tests.ingestion.faults.bodies import Body, Form
from tests.ingestion.faults.examples import Example, answers_with, form_of
from tests.ingestion.faults.server import Asked, Manner, Reply, Serve

LARGEST_BODY_BYTES = 1024 * 1024
RETRY_AFTER_SECONDS = 7
PATIENCE_SECONDS = 0.2
ELSEWHERE = "/elsewhere"
# A name that no resolver knows (RFC 2606).
NO_SUCH_HOST = "no-such-provider.invalid"
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>We will be right back</body></html>"
_DOCUMENT = b'<?xml version="1.0"?><Error><Code>InternalError</Code></Error>'


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. `url` is asked instead of the server where nobody is to answer.

    `seconds` is how long an answer may take: little where waiting is the point, else more than a busy machine needs.
    `in_rows`: it is in the rows of an answer, else in what brings it.
    """

    name: str
    serve: Callable[[Example], Serve]
    url: Callable[[], str] | None = None
    seconds: float = 20
    in_rows: bool = False


def _replay(example: Example, overrides: Mapping[Asked, Reply], otherwise: Reply) -> Serve:
    answers = {**example.answers, **overrides}
    return lambda asked: answers.get(asked, otherwise)


def _sent(change: Callable[[Reply], Reply]) -> Callable[[Example], Serve]:
    """The answer to the request with the data, and to any that follows from its failure, changed."""

    def serve(example: Example) -> Serve:
        changed = change(example.valid)
        return _replay(example, {example.target: changed}, changed)

    return serve


def _status(status: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    title = " ".join([f"status {status}", *(f"with {name}: {value}" for name, value in named.items())])
    return Fault(title, _sent(lambda _valid: Reply(status, {"Content-Type": "text/plain", **named}, b"no")))


def _rows(name: str, change: Callable[[Form, Body], None]) -> Fault:
    """The valid answer with other rows, and whatever vouches for it brought in line."""

    def serve(example: Example) -> Serve:
        form = form_of(example)
        body = form.open(example.valid.body)
        change(form, body)
        overrides = answers_with(example, body.build())
        return _replay(example, overrides, overrides[example.target])

    return Fault(name, serve, in_rows=True)


def _closed_port() -> str:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def _middle(body: Body) -> int:
    return len(body.rows) // 2


def _change_value(change: Callable[[Any], Any]) -> Callable[[Form, Body], None]:
    def apply(form: Form, body: Body) -> None:
        row = body.rows[_middle(body)]
        bodies.put(row, form.value, change(bodies.get(row, form.value)))

    return apply


def _empty(_form: Form, body: Body) -> None:
    body.rows.clear()


def _missing(form: Form, body: Body) -> None:
    bodies.drop(body.rows[_middle(body)], form.value)


def _extra(_form: Form, body: Body) -> None:
    if isinstance(body.rows[0], dict):
        body.rows[_middle(body)]["surprise"] = 1
        return
    for row in body.rows:
        row.append("1")
    if isinstance(body.about, dict) and body.about.get("header"):
        body.about["header"].append("surprise")


def _duplicate(_form: Form, body: Body) -> None:
    body.rows.append(bodies.row_copy(body.rows[_middle(body)]))


def _backwards(_form: Form, body: Body) -> None:
    body.rows.reverse()


def _future(form: Form, body: Body) -> None:
    newest = max(body.rows, key=lambda row: bodies.moment(bodies.get(row, form.stamp)))
    row = bodies.row_copy(newest)
    bodies.put(row, form.stamp, bodies.later(bodies.get(newest, form.stamp)))
    if len(body.rows) == 1:
        body.rows.clear()
    body.rows.append(row)


def _wrong_symbol(form: Form, body: Body) -> None:
    if form.symbol is None:  # the answer does not say whom it is about: somebody else's has other numbers, no more
        for row in body.rows:
            bodies.put(row, form.value, bodies.larger(bodies.get(row, form.value)))
        return
    beside = form.symbol.startswith("^")
    node, path = (body.about, form.symbol[1:]) if beside else (body.rows[_middle(body)], form.symbol)
    bodies.put(node, path, bodies.another(bodies.get(node, path)))


def _repeats(form: Form, body: Body) -> None:
    """A token that leads to the same page for ever; where there is none, the page twice in one answer."""
    if form.token is not None:
        bodies.put(body.about, form.token, "again")
    else:
        body.rows += [bodies.row_copy(row) for row in body.rows]


def _stops_early(form: Form, body: Body) -> None:
    """The newer half is missing, and nothing says that there is more."""
    if form.token is not None:
        bodies.put(body.about, form.token, None)
    kept = sorted(body.rows, key=lambda row: bodies.moment(bodies.get(row, form.stamp)))[: len(body.rows) // 2]
    body.rows[:] = [row for row in body.rows if row in kept]


def _not_a_number(value: Any) -> Any:
    return "NaN" if isinstance(value, str) else float("nan")


def _bomb() -> bytes:
    return gzip.compress(bytes(8 * LARGEST_BODY_BYTES), 1)


FAULTS: tuple[Fault, ...] = (
    Fault("DNS failure", _sent(lambda valid: valid), lambda: f"http://{NO_SUCH_HOST}"),
    Fault("connection refused", _sent(lambda valid: valid), _closed_port),
    Fault("connection reset", _sent(lambda valid: replace(valid, manner=Manner.RESET))),
    Fault("timeout", _sent(lambda valid: replace(valid, manner=Manner.SILENT)), seconds=PATIENCE_SECONDS),
    Fault(
        "slow drip",
        _sent(lambda valid: replace(valid, manner=Manner.DRIP, body=valid.body.ljust(1000))),
        seconds=PATIENCE_SECONDS,
    ),
    *(_status(status) for status in (400, 401, 403, 404, 418)),
    _status(429, Retry_After=str(RETRY_AFTER_SECONDS)),
    *(_status(status) for status in (429, 451, 500, 501, 502, 503, 504)),
    Fault("truncated body", _sent(lambda valid: replace(valid, manner=Manner.HALF))),
    Fault("chunks without an end", _sent(lambda valid: replace(valid, manner=Manner.UNENDED))),
    Fault(
        "truncated gzip",
        _sent(
            lambda valid: replace(
                valid, headers={**valid.headers, "Content-Encoding": "gzip"}, body=gzip.compress(valid.body)[:-9]
            )
        ),
    ),
    Fault(
        "wrong content type, right body",
        _sent(lambda valid: replace(valid, headers={"Content-Type": "text/html; charset=utf-8"})),
    ),
    Fault(
        "document of another type",
        _sent(lambda _valid: Reply(200, {"Content-Type": "application/xml"}, _DOCUMENT)),
    ),
    Fault("HTML error page under 200", _sent(lambda _valid: Reply(200, {"Content-Type": "text/html"}, _PAGE))),
    Fault("empty body", _sent(lambda valid: replace(valid, body=b""))),
    Fault("gzip bomb", _sent(lambda valid: replace(valid, headers={"Content-Encoding": "gzip"}, body=_BOMB))),
    Fault("huge body", _sent(lambda valid: replace(valid, body=b" " * (2 * LARGEST_BODY_BYTES)))),
    Fault("redirect to elsewhere", _sent(lambda _valid: Reply(302, {"Location": ELSEWHERE}, b"moved"))),
    _rows("empty list", _empty),
    _rows("missing field", _missing),
    _rows("extra field", _extra),
    _rows("retyped field", _change_value(lambda _value: "n/a")),
    _rows("null", _change_value(lambda _value: None)),
    _rows("NaN", _change_value(_not_a_number)),
    _rows("negative", _change_value(bodies.negative)),
    _rows("duplicate", _duplicate),
    _rows("out of order", _backwards),
    _rows("future stamp", _future),
    _rows("wrong symbol in the answer", _wrong_symbol),
    _rows("page that repeats", _repeats),
    _rows("page that stops early", _stops_early),
)


def parts(example: Example) -> list[tuple[Example, Sequence[Fault]]]:
    """The example with its faults; beside it its listing, where it has one, with those of an answer without rows."""
    listing = example.of_listing
    own: list[tuple[Example, Sequence[Fault]]] = [(example, FAULTS)]
    return own + ([(listing, [fault for fault in FAULTS if not fault.in_rows])] if listing else [])


_BOMB = _bomb()
