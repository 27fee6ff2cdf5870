"""Common functions of the history tests: the recorder's state, times, and the export of a folder."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime
from pathlib import Path

from harness import BINARY, wait_until

# The fastest recording that a server supports.
QUICK = ["--interval", "0.1", "--flush-interval", "0.05"]


def seconds(moment: str) -> float:
    """Seconds since the epoch of an RFC 3339 time."""
    return datetime.fromisoformat(moment).timestamp()


def recorder(server) -> dict:
    return server.json("/system")["recorder"]


def when_recorder(server, condition) -> dict:
    """The first state of the recorder that satisfies a condition."""
    return wait_until(lambda: condition(now := recorder(server)) and now)


def flushed(server, moment: float | None = None) -> dict:
    """The state of the recorder once everything until a moment, or until now, is in the file."""
    end = time.time() if moment is None else moment
    return when_recorder(server, lambda now: now["flushed_through"]
                         and seconds(now["flushed_through"]) >= end)


def ever_flushed(server) -> dict:
    return when_recorder(server, lambda now: now["recording"] and now["flushed_through"])


def stop(server) -> dict:
    """Switches the recorder off; returns its state once everything is in the file."""
    server.request("/stop")
    before = when_recorder(server, lambda now: not now["recording"])["flushed_through"]
    sequence = server.json("/system")["sequence"]
    while True:
        wait_until(lambda: server.json("/system")["sequence"] >= sequence + 3)
        state = recorder(server)
        if state["flushed_through"] == before:
            return state
        before, sequence = state["flushed_through"], server.json("/system")["sequence"]


def let_pass(moment: float):
    """Only time makes a range without samples."""
    wait_until(lambda: time.time() >= moment)


def export(*arguments: str, data: Path, environment: dict | None = None) -> subprocess.CompletedProcess:
    """`topserver history`, which reads the file itself; line ends stay as written."""
    done = subprocess.run(
        [str(BINARY), "history", *arguments], capture_output=True, timeout=60,
        env={**os.environ, "TOPSERVER_DATA": str(data), **(environment or {})})
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done
