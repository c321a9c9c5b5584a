"""The Dagster UI and its daemon as one foreground command that ends with Ctrl-C.

Belongs here: starting and ending the processes. They bind to loopback only.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from ingestion.errors import SettingsError

_WORKSPACE = Path(__file__).parents[1] / "workspace.yaml"


def refuse_used_port(port: int) -> None:
    """Raise `SettingsError` when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(
                f"port {port} is in use: choose another with --port, or end what listens there"
            ) from error


def serve_ui(port: int) -> int:
    """Run webserver and daemon until a signal ends them; returns the exit status."""
    common = ["-w", str(_WORKSPACE)]
    commands = [
        [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(port), *common],
        [sys.executable, "-m", "dagster._daemon", "run", *common],
    ]
    # Own sessions: a background shell makes children ignore Ctrl-C, so the signal is passed on as SIGTERM.
    processes = [subprocess.Popen(command, start_new_session=True, cwd=_WORKSPACE.parent) for command in commands]  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return processes[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
