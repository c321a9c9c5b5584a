"""What of a secret may be read afterwards: nothing. Keys come from the environment and are hidden wherever they return.

Belongs here: which values are secret, in which spellings, and taking them out of texts, bodies and logs.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

_SECRET_NAME = re.compile(r".*(_API_KEY|_TOKEN|_SECRET|_PASSWORD|_WEBHOOK_URL)")
_URL_NAME = re.compile(r"ROTATION_\w+_URL")
_SHORTEST_SECRET, _SHORTEST_PATH_KEY = 6, 16
_HIDDEN = "[secret]"


class Secrets:
    """The secrets of the environment at one moment, for who hides them thousands of times."""

    def __init__(self) -> None:
        self._texts = _secrets()
        self._bytes = [secret.encode() for secret in self._texts]

    def hidden_in(self, text: str) -> str:
        """The text without the value of any key in the environment, or of one inside a URL that is set there."""
        for secret in self._texts:
            text = text.replace(secret, _HIDDEN)
        return text

    def hidden_in_body(self, body: bytes) -> bytes:
        """A body in which the provider does not repeat our key to us: what is landed stays for ever."""
        for secret in self._bytes:
            body = body.replace(secret, _HIDDEN.encode())
        return body


def redacted(text: str) -> str:
    """The text without any secret that the environment has now."""
    return Secrets().hidden_in(text)


class _Redacting(logging.Filter):
    """urllib3 logs whole addresses: what an alert is sent to is a secret of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), None
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_Redacting())


def _secrets() -> list[str]:
    """Longest first: one may be part of another."""
    found = {
        form
        for name, value in os.environ.items()
        for secret in _secrets_of(name, value)
        if len(secret) >= _SHORTEST_SECRET
        for form in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], _base64(secret))
    }
    return sorted(found, key=lambda secret: (-len(secret), secret))


def _base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode().rstrip("=")


def _secrets_of(name: str, value: str) -> Iterator[str]:
    if _SECRET_NAME.fullmatch(name):
        yield value
    elif _URL_NAME.fullmatch(name):  # nodes are sold with the key in the path, others take it as user or parameter
        try:
            parts = urlsplit(value)
        except ValueError:
            yield value
            return
        yield from filter(None, (parts.username, parts.password, *(text for _, text in parse_qsl(parts.query))))
        yield from (part for part in parts.path.split("/") if len(part) >= _SHORTEST_PATH_KEY)
