"""Shared fixtures: a temporary home, and no network."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pycurl
import pytest
from hypothesis import settings

import orchestration  # noqa: F401 - before numpy is loaded: one thread of linear algebra, as a night has
from ingestion import wire

# A test that opens databases is as slow as the machine is busy: time is measured in benchmarks, not here.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_refused: list[str] = []
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_connect, _new_handle = socket.socket.connect, wire.new_handle


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
        raise AssertionError(f"a test tried to reach {address[0]}: tests use recorded bytes or a loopback server")
    _connect(self, address)


def _handle_for_loopback() -> pycurl.Curl:
    """libcurl makes sockets of its own: here it gets none for an address outside."""
    curl = _new_handle()
    curl.setopt(pycurl.OPENSOCKETFUNCTION, _loopback_socket)
    return curl


def _loopback_socket(_purpose: int, address: Any) -> Any:
    family, kind, protocol, (host, *_) = address
    if host in _LOOPBACK:
        return socket.socket(family, kind, protocol)
    _refused.append(host)
    return pycurl.SOCKET_BAD


@pytest.fixture(autouse=True)
def refused_hosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No network; the addresses outside that the client of the providers wanted to connect to."""
    _refused.clear()
    guard: Callable[..., None] = _loopback_only
    monkeypatch.setattr(socket.socket, "connect", guard)
    monkeypatch.setattr(wire, "new_handle", _handle_for_loopback)
    return _refused


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole nights first, then what else is slow: started last, one of two processes would wait for them alone."""
    items.sort(key=lambda item: ("end_to_end" not in item.nodeid, item.get_closest_marker("slow") is None))
