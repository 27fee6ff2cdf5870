"""Starts the built `topserver`, sends it requests, stops it and reads its log, for all tests outside Swift."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
FIXTURES = ROOT / "Tests" / "Fixtures"
BINARY = Path(os.environ.get("TOPSERVER_BINARY", ROOT / ".build" / "debug" / "topserver")).resolve()

# Whether the program was built with a sanitizer, which multiplies its memory.
SANITIZED = "TOPSERVER_SANITIZER" in os.environ

# A line of the log at one of these levels, or a report of a sanitizer or of the runtime, fails the test.
TROUBLE = re.compile(r" (warning|error|critical) |Sanitizer|Fatal error|runtime error|MHD_PANIC")


class Server:
    """One running server on a free loopback port.

    `data` is the data folder; by default it is a temporary one. A test that sets TOPSERVER_DATA, even to nothing,
    chooses the folder itself. `expected_log` is a pattern of log lines that the test provokes on purpose; `wrapper` is
    a command that becomes the server after it has changed something about its process.

    The port of a stopped server stays reserved while this object lives, so that a test can start another server on it
    while other tests start theirs.
    """

    def __init__(self, *arguments: str, port: int = 0, environment: dict | None = None,
                 data: Path | None = None, expected_log: str | None = None,
                 wrapper: tuple[str, ...] = ()):
        self.expected_log = re.compile(expected_log) if expected_log else None
        self._reserved: socket.socket | None = None
        self.port = port
        self._log = tempfile.TemporaryFile()
        self._folder = None if data else tempfile.TemporaryDirectory(prefix="topserver-test-")
        self.data = data or Path(self._folder.name)
        self.process = subprocess.Popen(
            [*wrapper, str(BINARY), "serve", "--port", str(port), "--static", str(STATIC), *arguments],
            stdout=subprocess.PIPE, stderr=self._log,
            env={**os.environ, "TOPSERVER_DATA": str(self.data), **(environment or {})},
        )
        self.first_line = self._read_first_line()
        self.answered_at = time.monotonic()
        match = re.fullmatch(r"Listening on (http://(\S+):(\d+))/stats\n", self.first_line)
        if not match:
            self.kill()
            raise RuntimeError(f"no address in {self.first_line!r}; log:\n{self.log}")
        self.url, self.host, self.port = match[1], match[2], int(match[3])

    def _read_first_line(self, timeout: float = 20) -> str:
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        return self.process.stdout.readline().decode() if ready else ""

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def request(self, path: str, method: str = "GET", headers: dict | None = None, body=None):
        """Sends one request on a new connection; returns the response with its body in `.body`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            response.body = response.read()
            return response
        finally:
            connection.close()

    def json(self, path: str = "/cpu_usage", **arguments):
        response = self.request(path, **arguments)
        assert response.status == 200, (response.status, response.body[:300])
        return json.loads(response.body)

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Stops the server as an operator would; fails on a bad exit or on trouble in the log."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        status = self.process.wait(timeout=15)
        self._clear()
        assert status == 0, f"exit status {status}; log:\n{self.log}"
        trouble = [line for line in self.log.splitlines() if TROUBLE.search(line)
                   and not (self.expected_log and self.expected_log.search(line))]
        assert not trouble, "the log holds:\n" + "\n".join(trouble)
        return status

    def kill(self):
        """Sends SIGKILL: the server cannot write anything more."""
        self.process.kill()
        self.process.wait()
        self._clear()

    def _clear(self):
        self.process.stdout.close()
        if self._folder:
            self._folder.cleanup()
        if self.port and not self._reserved:
            self._reserved = reserve(self.port)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.stop()
        elif self.process.poll() is None:
            self.kill()


def reserve(port: int) -> socket.socket:
    """Keeps the kernel from assigning a port to others: a socket that is bound with SO_REUSEADDR and does not listen.

    A server that sets SO_REUSEADDR can still listen on it. See socket(7).
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Another server may already have it, as the test intends.
    with suppress(OSError):
        reserved.bind(("127.0.0.1", port))
    return reserved


def report(*arguments: str, folder: Path, environment: dict | None = None) -> subprocess.CompletedProcess:
    """Runs `topserver report` in a folder until it exits."""
    return subprocess.run([str(BINARY), "report", *arguments], capture_output=True, text=True, timeout=60,
                          cwd=folder, env={**os.environ, **(environment or {})})


def wait_until(condition, timeout: float = 15, interval: float = 0.05):
    """The first true value of `condition()`; fails if there is none in time."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(interval)
